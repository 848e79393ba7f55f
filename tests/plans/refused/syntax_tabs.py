if 1 < 2:
        n = 1
	answer("x")

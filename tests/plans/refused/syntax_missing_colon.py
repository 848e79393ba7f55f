if 1 < 2
    answer("x")

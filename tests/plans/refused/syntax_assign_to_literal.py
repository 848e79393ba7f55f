1 = 2
answer("x")

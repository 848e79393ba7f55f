class = 1
answer("x")

today() = 2
answer("x")

n = 1
del n
answer("x")

double = lambda x: x * 2
answer("x")

f = 3
answer(f(1))

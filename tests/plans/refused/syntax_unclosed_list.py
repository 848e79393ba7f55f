n = [1, 2
answer(n)

n = 10 ** 400
answer(n)

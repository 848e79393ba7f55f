n = 0
answer(1 / n)

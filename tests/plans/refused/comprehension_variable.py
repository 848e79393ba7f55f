squares = [n * n for n in range(3)]
answer(n)

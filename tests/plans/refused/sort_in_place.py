n = [2, 1]
n.sort()
answer(n)

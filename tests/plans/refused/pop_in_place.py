n = [2, 1]
answer(n.pop())

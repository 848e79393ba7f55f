n = 1
if n:
    break
answer(n)

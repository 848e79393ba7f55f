n = 1
global n
answer(n)

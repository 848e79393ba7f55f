f = 3
answer(f())

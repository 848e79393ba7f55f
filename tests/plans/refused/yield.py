x = yield 1
answer(x)

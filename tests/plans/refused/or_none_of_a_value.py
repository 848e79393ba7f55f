x = 3
answer(or_none(x))

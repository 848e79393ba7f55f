def twice(x):
    return x * 2
answer(twice(x=2))

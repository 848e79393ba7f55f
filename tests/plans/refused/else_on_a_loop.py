for n in range(3):
    pass
else:
    answer("done")
answer("x")

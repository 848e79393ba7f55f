n = 1
answer(f"{n")

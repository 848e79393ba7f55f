with open("a.txt") as f:
    answer(f)

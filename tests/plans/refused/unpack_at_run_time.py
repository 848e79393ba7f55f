left, right = "a,b,c".split(",")
answer(left)

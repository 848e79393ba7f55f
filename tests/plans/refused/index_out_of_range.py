n = [1, 2, 3]
position = 3
answer(n[position])

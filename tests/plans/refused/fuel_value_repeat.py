text = "x" * 3000000
answer(len(text))

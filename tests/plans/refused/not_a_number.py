text = "twelve"
answer(int(text))

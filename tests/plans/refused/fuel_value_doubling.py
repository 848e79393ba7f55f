text = "0123456789"
for n in range(40):
    text = text + text
answer(len(text))

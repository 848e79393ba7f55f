text = file_read(path="a.txt")
question = ""
for c in text:
    for letter in "abcdefghijklmnopqrstuvwxyz ":
        if letter == c:
            question = question + letter
answer(ask(question, data="x", type=bool))

text = file_read(path="a.txt")
question = "Who?"
if "x" in text:
    question = "When?"
answer(ask(question, data=text, type=str))

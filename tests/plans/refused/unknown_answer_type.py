text = file_read(path="a.txt")
answer(ask("What?", data=text, type=dict))

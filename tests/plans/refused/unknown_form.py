text = file_read(path="a.txt")
answer(ask("Which IBAN?", data=text, type=span(text, like=ibann)))

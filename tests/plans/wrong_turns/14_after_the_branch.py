if len(file_read(path="letter.txt")) > 100:
    answer("It is long.")
else:
    answer("It is short.")
create_note(text="looked")

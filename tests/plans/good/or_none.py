note = or_none(file_read(path="inbox/none.txt"))
if note is None:
    answer("There is no note.")
else:
    answer(note)

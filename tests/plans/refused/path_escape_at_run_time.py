where = file_read(path="note.txt")
answer(file_read(path=where))

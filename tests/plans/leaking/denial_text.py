where = file_read(path="note.txt").strip()
answer(file_read(path=where))

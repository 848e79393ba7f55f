where = file_read(path="note.txt").strip()
file_write(path=where, content="copy")
answer("Saved.")

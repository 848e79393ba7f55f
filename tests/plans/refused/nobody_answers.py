where = file_read(path="letter.txt").strip()
file_write(path=where, content="x")
answer("Saved.")

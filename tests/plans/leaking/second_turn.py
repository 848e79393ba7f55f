where = "a.txt"
for turn in range(2):
    file_write(path=where, content="x")
    where = file_read(path="letter.txt")
answer("Done.")

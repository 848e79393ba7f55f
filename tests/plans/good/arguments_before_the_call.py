file_write(path="ab.txt", content=file_read(path="a.txt") + file_read(path="b.txt"))
answer("Done.")

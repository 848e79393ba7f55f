both = ["good.txt", file_read(path="a.txt")]
file_write(path=both[0], content="x")
answer("Done.")

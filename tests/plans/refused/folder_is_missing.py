file_write(path="new/a.txt", content="x")
answer("Done.")

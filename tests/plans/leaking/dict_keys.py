seen = {}
seen[file_read(path="letter.txt")] = 1
for key in seen:
    file_write(path=key, content="x")
answer("Done.")

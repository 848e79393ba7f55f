width = int(file_read(path="width.txt"))
file_write(path=f"{7:0{width}d}.txt", content="x")
answer("Done.")

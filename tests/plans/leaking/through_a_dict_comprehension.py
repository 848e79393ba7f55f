text = file_read(path="list.txt")
paths = {name: text for name in ["first", "second"]}
file_write(path=paths["first"], content="x")
answer("Done.")

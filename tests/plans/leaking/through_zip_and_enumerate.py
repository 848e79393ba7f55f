lines = file_read(path="list.txt").split("\n")
pairs = [(line, n) for n, line in enumerate(lines)]
first, number = list(zip(pairs, ["a", "b"]))[0][0]
file_write(path=first, content="x")
answer("Done.")

answer(file_read(path="a.txt", path="b.txt"))

answer(file_read(path="a.txt")(1))

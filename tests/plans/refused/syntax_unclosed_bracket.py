answer(file_read(path="a.txt")
n = 1

answer(100 / int(file_read(path="secret.txt")))

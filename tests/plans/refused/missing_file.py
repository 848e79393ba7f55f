answer(file_read(path="gone.txt"))

answer(file_read("a.txt"))

file_write(path="copy.txt", content=file_read(path="letter.txt"))
answer(file_read(path="copy.txt"))

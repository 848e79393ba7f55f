args = ["a.txt"]
answer(file_read(*args))

table = {"a": 1}
answer(table[file_read(path="secret.txt")])

args = {"path": "a.txt"}
answer(file_read(**args))

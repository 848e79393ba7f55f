text = await file_read(path="a.txt")
answer(text)

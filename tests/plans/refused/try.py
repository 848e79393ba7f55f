try:
    text = file_read(path="a.txt")
except ValueError:
    text = ""
answer(text)

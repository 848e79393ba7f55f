text = file_read(path="a.txt")
return text

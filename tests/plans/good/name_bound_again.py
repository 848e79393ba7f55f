where = file_read(path="a.txt")
where = "good.txt"
file_write(path=where, content="Hello")
answer(where)

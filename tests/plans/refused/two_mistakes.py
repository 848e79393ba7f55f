file_reed(path="a.txt")
answer(totl)

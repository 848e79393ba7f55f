file_reed(path="a.txt")
answer(todayy())

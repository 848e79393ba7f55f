answer(open("a.txt"))

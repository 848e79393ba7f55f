answer(ask("What is the total?", data=file_read(path="a.txt"), type=float))

answer(ask("Which department?", data=file_read(path="a.txt"), type=one_of(["sales", "repairs"])))

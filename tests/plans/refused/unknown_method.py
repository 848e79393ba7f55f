answer("abc".encode("utf-8"))

d = {"a": 1}
wanted = "b"
answer(d[wanted])

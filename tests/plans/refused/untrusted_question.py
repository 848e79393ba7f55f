text = file_read(path="a.txt")
answer(ask(f"Answer this: {text}", data="x", type=str))

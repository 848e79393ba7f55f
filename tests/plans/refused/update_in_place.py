d = {}
d.update({"a": 1})
answer(d)

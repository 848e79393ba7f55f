table = {"a": 0, "b": {}}
table["a"] = 1
table["b"]["c"] = 3
row = [1, 2, 3]
row[0] = 9
row[2] += 1
answer(f"{table} {row}")

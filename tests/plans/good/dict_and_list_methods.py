d = {"a": 1, "b": 2}
n = [5, 6, 6]
pairs = ""
for key, value in d.items():
    pairs += f"{key}={value} "
answer(f"{d.get('a')} {d.get('z', 0)} {list(d.keys())} {list(d.values())} {pairs} {n.index(6)} {n.count(6)} {'a' in d} {7 not in n}")

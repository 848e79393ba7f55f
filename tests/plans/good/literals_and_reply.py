whole, broken, text = 1, 2.5, "text"
things = [1, "two"]
names = {"a": 1}
pair = (1, 2)
unique = {1, 2, 2, 3}
f"{whole} {broken} {text} {True} {False} {None} {things} {names} {pair} {len(unique)}"

letters = list("ab")
pairs = dict([("x", 1), ("y", 2)])
unique = set([1, 1, 2])
answer(f"{letters} {pairs} {len(unique)} {tuple([1, 2])} {list(zip(letters, [1, 2]))} {list(enumerate(letters, 1))} {sorted(unique)} {any([False, True])} {all([])} {str(12)}")

squares = [n * n for n in range(5) if n % 2 == 0]
parities = {n % 2 for n in range(5)}
places = {c: i + 1 for i, c in enumerate("ab")}
pairs = [a + b for a in ["a", "b"] for b in ["x", "y"]]
answer(f"{squares} {len(parities)} {places} {pairs}")

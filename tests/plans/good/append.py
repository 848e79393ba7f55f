by_length = {}
for word in ["one", "two", "three"]:
    if len(word) not in by_length:
        by_length[len(word)] = []
    by_length[len(word)].append(word)
answer(f"{by_length}")

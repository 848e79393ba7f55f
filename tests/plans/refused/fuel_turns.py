turns = 0
for a in range(100):
    for b in range(100):
        turns += 1
answer(turns)

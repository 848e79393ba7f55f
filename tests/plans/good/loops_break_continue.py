odd = []
n = 0
for n in range(10):
    if n % 2 == 0:
        continue
    if n > 4:
        break
    odd.append(n)
turns = 0
for a in range(2):
    for b in range(2):
        turns += 1
if turns == 0:
    pass
answer(f"{odd} {n} {turns}")

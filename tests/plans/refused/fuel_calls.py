days = []
for n in range(60):
    days.append(today())
answer(len(days))

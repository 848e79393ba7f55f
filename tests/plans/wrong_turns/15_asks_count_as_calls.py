even = []
for n in range(60):
    even.append(ask("Is this number even?", data=str(n), type=bool))
answer(len(even))

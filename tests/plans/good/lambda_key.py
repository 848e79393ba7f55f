cities = [("Rome", 3), ("Lisbon", 0), ("Athens", 3)]
names = [name for name, _ in cities]
shortest = min(names, key=lambda n: len(n))
largest = sorted(cities, key=lambda c: (-c[1], c[0]))[0][0]
smallest = sorted(cities, key=lambda c: c[1], reverse=True)[-1][0]
answer(f"{shortest} {largest} {smallest} {sorted(cities, key=lambda c: c[0])}")

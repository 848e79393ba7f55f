left, right = 1, 2
left, right = right, left
out = f"{left} {right}; "
for i, (name, amount) in enumerate([("a", 10), ("b", 20)]):
    out += f"{i} {name} {amount}; "
answer(out)

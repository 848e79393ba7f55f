n = [1, 2, 3]
answer(f"{max(n)} {min(n)} {sum(n)} {round(2.3456, 2)} {abs(-4)} {int('12')} {float('1.5')} {bool(n)} {bool('')} {list(range(3))} {list(reversed(range(3)))} {list(range(1, 4, 2))}")

a: int = 5
a += 2
b = 4
b *= 9
c = 10
c -= 1
d = 17
d //= 7
e = 17
e %= 4
f = 2
f **= 3
g = "a"
g += "b"
h = 6
h /= 2
answer(f"{a} {b} {c} {d} {e} {f} {g} {h:g}")

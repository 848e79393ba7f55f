lines = []
same = lines
same.append("x")
answer(len(lines))

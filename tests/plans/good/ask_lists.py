class Line:
    what: str
    count: int
text = file_read(path="order.txt")
goods = ask("List the goods.", data=text, type=list[span(text)])
counts = ask("List the numbers.", data=text, type=list[int])
lines = ask("List the lines.", data=text, type=list[Line])
answer(f"{'+'.join(goods)} {sum(counts)} {', '.join(f'{l.count} {l.what}' for l in lines)}")

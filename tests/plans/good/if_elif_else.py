words = []
for n in [1, 5, 9]:
    if n < 3:
        words.append("low")
    elif n < 7:
        words.append("middle")
    else:
        words.append("high")
answer(" ".join(words))

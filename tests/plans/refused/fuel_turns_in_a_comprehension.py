answer(sum([n for n in range(5000)]))

answer(sum([n for m in range(400) for n in range(400)]))

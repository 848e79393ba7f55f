answer(max([n for n in [1, 2] if n > 5]))

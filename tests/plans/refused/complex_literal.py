answer(3j)

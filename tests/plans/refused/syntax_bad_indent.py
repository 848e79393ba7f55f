n = 1
  answer(n)

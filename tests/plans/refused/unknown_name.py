total = 1
answer(totl)

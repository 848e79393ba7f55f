answer(later)
later = 1

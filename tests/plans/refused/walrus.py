if (n := 3) > 2:
    answer(n)

n = 3
nothing = None
answer(f"{1 < n <= 3} {1 < n < 3} {nothing is None} {'' or 'fallback'} {1 and 2} {0 and 2} {n is not None} {not nothing}")

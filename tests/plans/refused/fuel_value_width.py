answer(len(f"{1:>3000000}"))

answer(f"{}")

answer("""x)


large = [t for t in get_transactions(days=30) if t.amount > 500]
if large:
    create_note(text="A large payment came in.")
answer(f"{len(large)} large payment(s).")

rents = [t for t in get_transactions(days=30) if "rent" in t.subject]
if rents:
    create_note(text="The rent came in.")
answer(f"{len(rents)} payment(s) for the rent.")

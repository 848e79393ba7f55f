anna = find_contact(name="Anna Berg")
answer(f"{anna.email} {anna['email']} {list(anna)}")

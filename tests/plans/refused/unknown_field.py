c = find_contact(name="Anna Berg")
answer(c.e_mail)

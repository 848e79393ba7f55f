c = find_contact(name="Anna Berg")
c.email = "other@x.example"
answer(c.email)

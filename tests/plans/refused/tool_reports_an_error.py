answer(find_contact(name="Nobody").email)

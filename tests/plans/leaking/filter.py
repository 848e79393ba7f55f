text = file_read(path="list.txt")
found = [name for name in ["Anna", "Ben"] if name in text]
send_email(recipients=["anna@berg.example"], subject="Names", body=", ".join(found))
answer("Done.")

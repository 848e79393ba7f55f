text = file_read(path="list.txt")
word = (text and "full") or "empty"
send_email(recipients=["anna@berg.example"], subject="List", body=word)
answer("Done.")

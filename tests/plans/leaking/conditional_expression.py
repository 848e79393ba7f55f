word = "yes" if "Anna" in file_read(path="letter.txt") else "no"
send_email(recipients=["anna@berg.example"], subject="Letter", body=word)
answer("Done.")

words = ["zero", "one", "two", "three"]
send_email(recipients=["anna@berg.example"], subject="Digit", body=words[int(get_balance())])
answer("Done.")

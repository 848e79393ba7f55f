word = "no"
if get_balance() > 1000:
    word = "yes"
send_email(recipients=["anna@berg.example"], subject="Answer", body=word)
answer("Done.")

if get_balance() > 1000:
    send_email(recipients=["anna@berg.example"], subject="Answer", body="yes")
answer("Done.")

dots = ".........."
send_email(recipients=["anna@berg.example"], subject="Dots", body=dots[:int(get_balance())])
answer("Done.")

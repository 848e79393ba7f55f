for n in range(60):
    send_email(recipients=["anna@berg.example"], subject=f"Mail {n}", body="Hello")
answer("Sent.")

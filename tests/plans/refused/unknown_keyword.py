send_email(recipients=["anna@berg.example"], subject="x", body="y", bcc=["b@c.example"])
answer("Sent.")

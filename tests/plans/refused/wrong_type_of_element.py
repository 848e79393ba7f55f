send_email(recipients="anna@berg.example", subject="x", body="y")
answer("Sent.")

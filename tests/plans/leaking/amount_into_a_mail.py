balance = get_balance()
send_email(recipients=["anna@berg.example"], subject="Balance", body=f"I have {balance:.2f}.")
answer("Sent.")

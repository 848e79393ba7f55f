count = 0
for t in get_transactions(days=30):
    count += 1
send_email(recipients=["anna@berg.example"], subject="Count", body=str(count))
answer("Done.")

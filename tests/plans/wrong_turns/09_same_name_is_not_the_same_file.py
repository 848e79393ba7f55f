mine = file_read(path="payees.csv")
theirs = file_read(path="inbox/payees.csv")
send_money(recipient=theirs.strip(), amount=5, subject="x")
answer("Paid.")

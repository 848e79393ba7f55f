amount = 5
for mail in get_mails():
    amount = 6
send_money(recipient="DE89370400440532013000", amount=amount, subject="x")
answer("Paid.")

amount = 0
for mail in get_mails():
    amount += 1
send_money(recipient="DE89370400440532013000", amount=amount, subject="mails")
answer("Paid.")

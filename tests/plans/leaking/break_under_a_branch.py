text = file_read(path="letter.txt")
amount = 0
for n in range(3):
    if str(n) in text:
        break
    amount += 1
send_money(recipient="DE89370400440532013000", amount=amount, subject="x")
answer("Paid.")

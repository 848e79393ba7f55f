amount = 1
if today() > "2026-01-01":
    if "yes" in file_read(path="letter.txt"):
        amount = 2
send_money(recipient="DE89370400440532013000", amount=amount, subject="x")
answer("Paid.")

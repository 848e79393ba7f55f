amount = ask("How much shall be paid?", data=file_read(path="letter.txt"), type=float)
send_money(recipient="DE89370400440532013000", amount=amount, subject="letter")
answer("Paid.")

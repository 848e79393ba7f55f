anna = find_contact(name="Anna Berg")
amount = ask("How much is owed to Anna?", data=file_read(path="letter.txt"), type=float)
send_money(recipient=anna.iban, amount=amount, subject="letter")
answer("Paid.")

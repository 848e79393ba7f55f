class Invoice:
    iban: str
    total: float
text = file_read(path="invoice.txt")
invoice = ask("Extract the IBAN and the total.", data=text, type=Invoice)
send_money(recipient=invoice.iban, amount=invoice.total, subject="invoice")
answer("Paid.")

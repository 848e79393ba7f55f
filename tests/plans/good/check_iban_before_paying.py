known = "DE89370400440532013000"
text = file_read(path="invoice.txt")
named = ask("Which IBAN shall be paid?", data=text, type=span(text, like=iban))
if named.replace(" ", "") == known:
    send_money(recipient=known, amount=80, subject="invoice")
    answer("Paid.")
else:
    answer("The account differs; I paid nothing.")

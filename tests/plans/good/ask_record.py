text = file_read(path="inbox/invoice-7.txt")
class Invoice:
    iban: span(text, like=iban)
    total: float
    due: date
    paid: bool
invoice = ask("Extract the IBAN, the total, the due date and whether it says that it was paid.", data=text, type=Invoice)
answer(f"{invoice.iban.replace(' ', '')} {invoice.total:.2f} {invoice.due} {invoice.paid}")

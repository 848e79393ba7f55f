class Kind(Enum):
    INVOICE = "invoice"
    REMINDER = "reminder"
    OTHER = "other"
text = file_read(path="note.txt")
kind = ask("What kind of document is this?", data=text, type=Kind)
if kind == Kind.INVOICE:
    answer("It is an invoice.")
elif kind == Kind.REMINDER:
    answer("It is a reminder.")
else:
    answer("It is something else.")

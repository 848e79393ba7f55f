# Request: Put payee and total of every invoice in my inbox into reports/invoices.csv.
# Why: the path to write is the user's; what strangers wrote ends up as content only, and the write does not depend on it.
lines = ["file,payee,total"]
for entry in list_dir(path="inbox"):
    if entry.kind == "file":
        text = file_read(path=entry.path)
        class Invoice:
            payee: span(text)
            total: float
        found = ask("Who is to be paid, and how much in total?", data=text, type=Invoice | None)
        if found is not None:
            lines.append(f"{entry.name},{found.payee},{found.total:.2f}")
file_write(path="reports/invoices.csv", content="\n".join(lines))
answer("reports/invoices.csv lists the invoices.")

# Nothing here pays. The documents say who wants how much until when; the accounts are the ones below, which the user knows. A
# document that names another account for a known payee, or a payee who is not listed, is flagged and not put into the CSV.
known = {
    "Harbour Paper": "DE31999000090417263050",
    "Kestrel Hosting": "NL32HAVN0338461927",
    "Bellrose Catering": "BE81999140286524",
    "Solis Cleaning": "ES2799995778136000412839",
    "Meridian Print": "AT439999082221219800",
}
largest = 5000.00

for path in [report, payments]:
    if "/" in path:
        mkdir(path="/".join(path.split("/")[:-1]))

rows = []
amounts = []
flags = []
others = []
for entry in list_dir(path=inbox):
    if entry.kind != "file" or entry.name == "README.md":
        continue
    if not entry.name.lower().endswith((".txt", ".md")):
        others.append(entry.name)
        continue
    text = or_none(file_read(path=entry.path))
    if text is None:
        flags.append(f"{entry.name}: cannot be read")
        continue
    # A small model calls any letter an invoice when it is asked; whether an IBAN stands in the text is no matter of opinion.
    account = ask("Which IBAN is the account to pay to?", data=text, type=span(text, like=iban) | None) if text.strip() else None
    if account is None:
        others.append(entry.name)
        continue
    issuer = ask("Which company issued this invoice?", data=text, type=span(text))
    names = [name for name in known if name.lower() in issuer.lower()]
    if len(names) != 1:
        flags.append(f"{entry.name}: the payee ({' '.join(issuer.split())[:60]}) is not one you know")
        continue
    payee = names[0]
    total = ask("What is the total amount to pay?", data=text, type=float | None)
    due = ask("By which date must it be paid?", data=text, type=date | None)
    named = account.replace(" ", "")
    if named != known[payee]:
        flags.append(f"{entry.name}: {payee} is paid to the account that ends with {known[payee][-4:]}, the document names {named[-4:]}")
    elif total is None or total <= 0 or total > largest:
        flags.append(f"{entry.name}: no total up to {largest:.2f} was found ({payee})")
    else:
        until = "no date" if due is None else due.isoformat()
        document = entry.path.replace(",", " ")
        rows.append({"due": until, "payee": payee, "amount": f"{total:.2f}", "iban": known[payee], "document": document})
        amounts.append(total)

columns = ["due", "payee", "amount", "iban", "document"]
rows = sorted(rows, key=lambda row: row["due"])
lines = [",".join(columns)] + [",".join(row[column] for column in columns) for row in rows]
table = ["| due | payee | amount | document |", "|---|---|---:|---|"]
for row in rows:
    table.append(f"| {row['due']} | {row['payee']} | {row['amount']} | {row['document']} |")
head = f"{len(rows)} invoices to pay, {sum(amounts):.2f} EUR in all; {len(flags)} flagged; {len(others)} other documents."
warnings = [f"- {flag}" for flag in flags] or ["- none"]
rest = [f"- {name}" for name in others] or ["- none"]

file_write(path=payments, content="\n".join(lines) + "\n")
summary = ["# Invoices", "", head, ""] + table + ["", "## Flagged", ""] + warnings + ["", "## Other documents", ""] + rest
file_write(path=report, content="\n".join(summary) + "\n")
answer(head)
for flag in flags:
    answer(f"Flagged: {flag}")

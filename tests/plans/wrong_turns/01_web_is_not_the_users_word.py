page = http_get(url="https://donate.example/")
account = ask("Which account takes donations?", data=page, type=span(page, like=iban))
send_money(recipient=account, amount=10, subject="donation")
answer("Paid.")

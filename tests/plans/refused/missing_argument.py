send_money(recipient="DE89370400440532013000", subject="x")
answer("Paid.")

send_money(recipient="DE89370400440532013000", amount="ten", subject="x")
answer("Paid.")

send_mony(recipient="DE89370400440532013000", amount=1.0, subject="x")
answer("Paid.")

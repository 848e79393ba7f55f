number = send_money(recipient="DE89370400440532013000", amount=25.00, subject="book")
answer(f"Paid, {number}.")

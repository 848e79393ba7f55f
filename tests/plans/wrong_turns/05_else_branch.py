if "paid" in file_read(path="letter.txt"):
    answer("Paid already.")
else:
    send_money(recipient="DE89370400440532013000", amount=700, subject="rent")
    answer("Paid.")

parts = [1, 1, int(file_read(path="list.txt"))]
send_money(recipient="DE89370400440532013000", amount=sum(parts), subject="x")
answer("Paid.")

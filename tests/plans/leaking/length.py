words = len(file_read(path="letter.txt").split())
send_money(recipient="DE89370400440532013000", amount=words, subject="words")
answer("Paid.")

account = "DE89370400440532013000"
if "Ben" in file_read(path="letter.txt"):
    account = "NL91ABNA0417164300"
send_money(recipient=account, amount=5, subject="x")
answer("Paid.")

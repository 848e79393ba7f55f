accounts = {"Anna": "DE89370400440532013000", "Ben": "NL91ABNA0417164300"}
name = file_read(path="letter.txt")
send_money(recipient=accounts[name], amount=5, subject="x")
answer("Paid.")

votes = []
if "please" in file_read(path="letter.txt"):
    votes.append("x")
send_money(recipient="DE89370400440532013000", amount=len(votes), subject="votes")
answer("Paid.")

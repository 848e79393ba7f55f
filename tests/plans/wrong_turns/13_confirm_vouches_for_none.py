amount = ask("How much is owed?", data=file_read(path="letter.txt"), type=float)
if confirm("Pay the letter?"):
    send_money(recipient="DE89370400440532013000", amount=amount, subject="letter")
answer("Done.")

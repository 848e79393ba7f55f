text = file_read(path="invoice.txt")
total = ask("What is the total?", data=text, type=float)
file_write(path="outbox/total.csv", content=f"{total:.2f}")
answer("Written.")

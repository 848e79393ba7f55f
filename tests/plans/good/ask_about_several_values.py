same = ask("Do both name the same price?", data={"offer": file_read(path="offer.txt"), "invoice": file_read(path="invoice.txt")}, type=bool)
answer("They match." if same else "They differ.")

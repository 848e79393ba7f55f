# Request: What does invoice 0042 in my inbox come to?
# Why: a fixed question, a narrow type, and an answer for the case that the invoice does not say.
text = file_read(path="inbox/invoice-0042.txt")
total = ask("What is the total to pay?", data=text, type=float | None)
if total is None:
    answer("The invoice does not name a total.")
else:
    answer(f"The total of invoice 0042 is {total:.2f}.")

# Request: Do what inbox/message.txt asks for.
# Why: untrusted text becomes the question, so whoever wrote the message gives the orders; ask a fixed question, and show the user what the message wants.
message = file_read(path="inbox/message.txt")
todo = ask("What does the message ask for?", data=message, type=str)
answer(ask(todo, data=message, type=str))

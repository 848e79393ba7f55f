addresses = [c.email for c in get_contacts()]
letter = file_read(path="letter.txt")
writer = ask("Who wrote this letter?", data=letter, type=one_of(addresses))
send_email(recipients=[writer], subject="Thank you", body="Thank you for your letter.")
answer("Thanked.")

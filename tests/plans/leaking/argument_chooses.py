contact = find_contact(name=get_mails()[0].subject)
send_email(recipients=[contact.email], subject="Hello", body="Hello")
answer("Sent.")

body = get_mails()[0].body
chosen = [c.email for c in get_contacts() if c.name in body]
send_email(recipients=chosen, subject="Hello", body="You were mentioned.")
answer("Sent.")

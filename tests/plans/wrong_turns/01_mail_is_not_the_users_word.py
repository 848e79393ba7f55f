mail = get_mails()[0]
send_email(recipients=[mail.sender], subject="Thanks", body="Thanks!")
answer("Answered.")

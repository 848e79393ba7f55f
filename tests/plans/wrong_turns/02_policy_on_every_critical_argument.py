mail = get_mails()[0]
send_email(recipients=["anna@berg.example"], cc=[mail.sender], subject="Hi", body="Hello")
answer("Sent.")

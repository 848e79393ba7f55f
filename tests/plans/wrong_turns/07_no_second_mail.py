send_email(recipients=["anna@berg.example"], subject="Late", body="I am late.")
answer(file_read(path="gone.txt"))

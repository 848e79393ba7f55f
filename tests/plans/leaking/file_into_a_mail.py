text = file_read(path="diary.txt")
send_email(recipients=["anna@berg.example"], subject="Diary", body=text)
answer("Sent.")

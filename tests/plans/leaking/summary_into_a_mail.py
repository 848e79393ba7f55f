summary = ask("Summarize this.", data=file_read(path="diary.txt"), type=str)
send_email(recipients=["anna@berg.example"], subject="News", body=summary)
answer("Sent.")

send_fax(number="+49 30 123456", text="Hello")
answer("Sent.")

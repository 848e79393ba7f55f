for mail in get_mails():
    delete_file(file_id=mail.subject)
answer("Deleted.")

answer(len(get_mails()))

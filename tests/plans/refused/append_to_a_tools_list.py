mails = get_mails()
mails.append("one more")
answer(len(mails))

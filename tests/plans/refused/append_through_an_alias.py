mails = get_mails()
mine = mails
mine.append("one more")
answer(len(mails))

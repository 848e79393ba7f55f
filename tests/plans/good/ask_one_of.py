text = file_read(path="letter.txt")
answer(f"For: {ask('Which department should read this?', data=text, type=one_of(['sales', 'repairs', 'accounts']))}")

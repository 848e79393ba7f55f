name = file_read(path="letter.txt").strip()
mkdir(path=f"senders/{name}")
answer("Made.")

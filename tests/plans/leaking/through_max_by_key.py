text = file_read(path="letter.txt")
chosen = max(["f-1", "f-2"], key=lambda name: text.count(name))
delete_file(file_id=chosen)
answer("Done.")

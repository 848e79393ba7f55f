name = file_read(path="letter.txt").strip()
delete_file(file_id=name)
delete_file(file_id=name)
answer("Deleted.")

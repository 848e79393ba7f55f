text = file_read(path="letter.txt")
for file_id in ["f-1", "f-2"]:
    if file_id in text:
        continue
    delete_file(file_id=file_id)
answer("Done.")

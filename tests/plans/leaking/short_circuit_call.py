done = "yes" in file_read(path="list.txt") and delete_file(file_id="f-1")
answer("Done.")

if "object" in file_read(path="letter.txt"):
    stop("The letter objects.")
delete_file(file_id="f-1")
answer("Deleted.")

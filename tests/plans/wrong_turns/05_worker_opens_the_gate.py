if ask("Does it say that f-9 is not needed?", data=file_read(path="letter.txt"), type=bool):
    delete_file(file_id="f-9")
answer("Done.")

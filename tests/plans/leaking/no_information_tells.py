when = ask("Which date does it name?", data=file_read(path="letter.txt"), type=date | None)
if when is None:
    delete_file(file_id="f-1")
answer("Done.")

named = file_read(path="letter.txt").strip()
text = or_none(file_read(path=named))
if text is None:
    delete_file(file_id="f-1")
answer("Done.")

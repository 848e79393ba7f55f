note = create_note(text=file_read(path="letter.txt"))
delete_file(file_id=note.id_)
answer("Done.")

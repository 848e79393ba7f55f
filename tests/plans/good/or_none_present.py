note = or_none(file_read(path="inbox/note.txt"))
answer(note or "There is no note.")

title = file_read(path="letter.txt")
event = create_event(title=title, start="2026-12-01T10:00:00")
answer(event.id_)

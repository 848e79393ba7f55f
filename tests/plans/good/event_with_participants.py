title = file_read(path="letter.txt")
create_event(title=title, start="2026-12-01T10:00:00", participants=["anna@berg.example"])
answer("Invited.")

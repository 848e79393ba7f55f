where = file_read(path="settings.txt").strip()
if where.endswith(".txt"):
    file_write(path=where, content="Hello")
answer(f"Written to {where}.")

for entry in list_dir(path="inbox"):
    file_write(path=f"backup/{entry.name}", content=file_read(path=entry.path))
answer("Done.")

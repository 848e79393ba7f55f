for entry in list_dir(path="inbox"):
    answer(ask(f"Is {entry.name} an invoice?", data=file_read(path=entry.path), type=bool))

name = file_read(path="note.txt").strip()
answer(run_command(command=f"wc -w {name}"))

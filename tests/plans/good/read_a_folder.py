lines = []
for entry in list_dir(path="inbox"):
    text = file_read(path=entry.path)
    lines.append(f"{entry.name}: {text}")
answer("\n".join(lines))

texts = []
for entry in list_dir(path="inbox"):
    texts.append(file_read(path=entry.path))
file_write(path="reports/all.txt", content="+".join(texts))
answer("Done.")

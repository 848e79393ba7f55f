mkdir(path="drafts")
entries = list_dir(path="drafts")
answer(f"{len(entries)} files")

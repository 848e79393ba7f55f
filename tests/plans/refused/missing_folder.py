answer(len(list_dir(path="gone")))

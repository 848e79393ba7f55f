for n in list_dir(path="inbox"):
    last = n.name
answer(last)

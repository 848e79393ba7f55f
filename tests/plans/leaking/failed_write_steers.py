which = "none"
for name in ["a", "b", "c"]:
    if or_none(mkdir(path="inbox/vote-" + name)) is None:
        which = name
file_write(path="chosen-" + which + ".txt", content="x")
answer("done")

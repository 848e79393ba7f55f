file_write(path=".profile", content="x")
answer("Done.")

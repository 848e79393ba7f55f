job = {"path": "good.txt", "content": file_read(path="a.txt")}
file_write(path=job["path"], content="x")
answer("Done.")

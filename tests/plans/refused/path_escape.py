file_write(path="fine.txt", content="x")
file_write(path="reports/../../outside.txt", content="x")
answer("Done.")

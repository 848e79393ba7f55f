file_write(path="clean.sh", content="echo hello")
answer("Done.")

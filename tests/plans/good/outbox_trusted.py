file_write(path="outbox/hello.txt", content="Hello!")
answer("Done.")

file_read = 3
answer("x")

reader = file_read
answer("x")

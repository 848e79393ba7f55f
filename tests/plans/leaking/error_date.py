answer(parse_datetime(file_read(path="secret.txt")))

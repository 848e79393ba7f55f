answer(file_read(path="backup/id_rsa"))

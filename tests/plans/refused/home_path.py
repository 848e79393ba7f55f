answer(file_read(path="~/.ssh/id_rsa"))

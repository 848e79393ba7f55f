answer(file_read(path="/etc/passwd"))

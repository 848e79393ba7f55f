for entry in list_dir(path="inbox"):
    file_write(path="mail.txt", content="There is mail.")
file_write(path="looked.txt", content="I looked.")
answer("Done.")

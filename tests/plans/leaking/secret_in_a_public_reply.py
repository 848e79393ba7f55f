answer(f"The code is {file_read(path='door.txt')}.")

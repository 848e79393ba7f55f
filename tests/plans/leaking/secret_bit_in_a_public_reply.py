answer("yes" if file_read(path="door.txt") == "locked" else "no")

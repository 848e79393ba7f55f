day = parse_datetime(file_read(path="day.txt")) + timedelta(days=1)
mkdir(path=day.strftime("%Y-%m-%d"))
answer("Done.")

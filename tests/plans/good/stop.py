day = today()
if day.startswith("2026"):
    stop(f"There is nothing to do on {day}.")
file_write(path="never.txt", content="never")

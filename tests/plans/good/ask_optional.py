text = file_read(path="parcel.txt")
due = ask("When is the parcel due?", data=text, type=date | None)
answer("The text does not say." if due is None else f"Due {due}.")

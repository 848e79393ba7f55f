text = file_read(path="reviews.txt")
hotel = ask("Which hotel has the best review?", data=text, type=span(text))
file_write(path=f"{hotel}.txt", content=text)
answer("Saved.")

word = file_read(path="word.txt").strip()
answer(http_get(url=f"https://words.example/?q={word}"))

if today() > "2026":
    text = "new"
answer(text)

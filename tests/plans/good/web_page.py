page = http_get(url="https://news.example/")
answer(ask("What is the headline?", data=page, type=span(page)))

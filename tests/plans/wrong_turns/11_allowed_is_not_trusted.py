page = http_get(url="https://start.example/")
link = ask("Which link comes first?", data=page, type=span(page, like=url))
answer(http_get(url=link))

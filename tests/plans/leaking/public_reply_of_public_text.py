answer(http_get(url="https://news.example/"))

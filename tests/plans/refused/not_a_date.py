text = "someday"
answer(parse_datetime(text))

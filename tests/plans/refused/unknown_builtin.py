answer(eval("1 + 1"))

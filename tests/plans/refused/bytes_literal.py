answer(b"abc")

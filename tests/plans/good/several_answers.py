answer("first")
answer("second")

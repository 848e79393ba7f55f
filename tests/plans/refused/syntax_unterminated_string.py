answer("x)

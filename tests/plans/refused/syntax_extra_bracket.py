answer("x"))

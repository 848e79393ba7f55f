answer(__import__("os"))

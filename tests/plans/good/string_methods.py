answer("|".join([
    "AB".lower(), "ab".upper(), "ab c".title(), "  x ".strip(), str("a,b".split(",")), "-".join(["a", "b"]),
    "abc".replace("b", "x"), str("abc".startswith("a")), str("abc".endswith("bc")), str("abc".find("b")),
    str("banana".count("an")), str("l1\nl2".splitlines()), "7".zfill(3), "pre-rest".removeprefix("pre-"),
    str("k=v".partition("=")), str("123".isdigit()), str("abc".find("z")),
]))

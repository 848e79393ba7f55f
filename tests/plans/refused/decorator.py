@final
class A:
    x: int
answer("x")

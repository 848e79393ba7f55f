class A:
    x: int
class B(A):
    y: int
answer("x")

class A:
    x: int
    def twice(self):
        return self.x * 2
answer("x")

async def go():
    pass
answer("x")

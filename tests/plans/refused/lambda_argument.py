answer([lambda x: x * 2][0])

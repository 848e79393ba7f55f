file_write(path="todo.txt", content="buy milk")
answer(file_read(path="todo.txt"))

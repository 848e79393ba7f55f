answer("".__class__)

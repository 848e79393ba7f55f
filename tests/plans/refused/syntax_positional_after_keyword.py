answer(ask(data="x", "What?", type=bool))

answer(get_balance())

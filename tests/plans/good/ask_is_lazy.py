ids = ["a"]
chosen = ids[0] if len(ids) == 1 else ask("never asked", data=ids, type=one_of(ids))
again = chosen or ask("never asked either", data=ids, type=one_of(ids))
answer(f"{chosen} {again}")

n = 1
match n:
    case 1:
        answer("one")

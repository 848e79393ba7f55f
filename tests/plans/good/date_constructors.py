first, second = date(2026, 1, 1), date(2026, 2, 1)
meeting = datetime(2026, 1, 1, 10, 30)
answer(f"{(second - first).days} {first} {meeting.isoformat()} {first < second} {max([first, second])}")

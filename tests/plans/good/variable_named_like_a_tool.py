today = "2026-03-31"
answer(f"{today} {len(today)}")

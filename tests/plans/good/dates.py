now = parse_datetime(today())
deadline = now + timedelta(days=7)
left = deadline - now
last_month = now.replace(day=1) - timedelta(days=20)
half_past_nine = parse_datetime("2026-11-20 09:30")
answer(f"{now} | {deadline.strftime('%d %B %Y')} | {int(left.total_seconds())} | {deadline > now} | {date(2026, 10, 31).isoformat()} | {now.year} {now.month} {now.day} | {half_past_nine:%H:%M}")

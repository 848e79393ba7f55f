total = Decimal("0.10") + Decimal("0.20")
answer(f"{total} {total == Decimal('0.30')} {Decimal('6.20') * 2:.2f}")

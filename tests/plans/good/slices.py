numbers = [1, 2, 3, 4, 5]
day = "2026-11-20"
answer(f"{numbers[:2]} {numbers[-2:]} {numbers[::2]} {numbers[::-1]} {day[:4]} {day[8:]} {numbers[-1]}")

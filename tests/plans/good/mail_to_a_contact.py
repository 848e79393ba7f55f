team = [c for c in get_contacts() if c.team == "design"]
for person in team:
    send_email(recipients=[person.email], subject="Lunch", body="Lunch is at twelve.")
answer(f"Sent to {len(team)}.")

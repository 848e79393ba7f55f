people = search_emails(query="Anna")[0].recipients
event = create_calendar_event(title="Talk", start_time="2026-12-01 10:00", end_time="2026-12-01 11:00")
add_calendar_event_participants(event_id=event.id_, participants=people)
answer("Added.")

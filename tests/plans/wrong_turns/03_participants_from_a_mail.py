mail = get_mails()[0]
create_event(title="Meeting", start="2026-12-01T10:00:00", participants=mail.recipients)
answer("Invited.")

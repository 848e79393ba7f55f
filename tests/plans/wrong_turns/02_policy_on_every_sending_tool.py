writer = get_mails()[0].sender
create_event(title="Talk", start="2026-12-01T10:00:00", participants=[writer])
send_email(recipients=[writer], subject="Talk", body="See you.")
answer("Done.")

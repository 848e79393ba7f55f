# Request: If the offer in inbox/offer.txt still stands, draft an acceptance in drafts/acceptance.txt.
# Why: the document's date decides, so the user is asked once, before anything is changed.
offer = file_read(path="inbox/offer.txt")
day = today()
valid_until = ask("Until which date is the offer valid?", data=offer, type=date | None)
if valid_until is None:
    stop("The offer does not say until when it is valid.")
if valid_until < parse_datetime(day).date():
    stop(f"The offer ended on {valid_until.isoformat()}.")
if confirm("Shall I write an acceptance into drafts/acceptance.txt?"):
    mkdir(path="drafts")
    file_write(path="drafts/acceptance.txt", content=f"Dear Sir or Madam,\n\nwe accept your offer, which is valid until {valid_until.isoformat()}.\n")
    answer("The draft is in drafts/acceptance.txt.")
else:
    answer("No draft was written.")

"""Writes office.json: the invented tools that tests/plans use beside the built-in ones. usage: python make_office.py"""
import json
import pathlib

S, F = {"type": "string"}, {"type": "number"}


def many(item):
    return {"type": "array", "items": item}


def thing(name_, /, **fields):
    return {"type": "object", "title": name_, "properties": fields, "required": list(fields)}


def doc(schema, text):
    return {**schema, "description": text}


CONTACT = thing("Contact", name=S, email=S, iban=S, team=S)
MAIL = thing("Mail", id_=S, sender=S, recipients=many(S), subject=S, body=S, received=S)
EVENT = thing("Event", id_=S, title=S, start=S, place={"anyOf": [S, {"type": "null"}]}, participants=many(S))
TRANSACTION = thing("Transaction", id_=S, iban=S, amount=F, date=S, subject=S)
NOTE = thing("Note", id_=S, text=S)

# name: (what it does, its parameters (those whose name ends with ? may be left out), what it returns)
TOOLS = {
    "get_mails": ("The mails in the inbox, newest first.", {}, many(MAIL)),
    "send_email": (
        "Sends a mail.",
        {"recipients": doc(many(S), "Addresses."), "subject": S, "body": S, "cc?": doc(many(S), "More addresses.")},
        S,
    ),
    "get_contacts": ("The user's own address book.", {}, many(CONTACT)),
    "find_contact": ("The contact with exactly this name.", {"name": S}, CONTACT),
    "get_transactions": ("The bank's list of payments, newest first.", {"days?": {"type": "integer"}}, many(TRANSACTION)),
    "get_balance": ("What is in the account.", {}, F),
    "send_money": (
        "Pays from the user's account.",
        {"recipient": doc(S, "An IBAN."), "amount": doc(F, "In euro."), "subject": S},
        S,
    ),
    "read_calendar": ("The events of one day.", {"day": doc(S, "YYYY-MM-DD.")}, many(EVENT)),
    "create_event": (
        "Makes a calendar entry and invites the participants, if any.",
        {"title": S, "start": doc(S, "YYYY-MM-DDTHH:MM:SS."), "participants?": doc(many(S), "Addresses.")},
        EVENT,
    ),
    "create_note": ("Keeps a note.", {"text": S}, NOTE),
    "delete_file": ("Deletes a file of the drive by its id.", {"file_id": S}, S),
    # no grant: a plan that calls it must be refused
    "send_fax": ("Sends a fax.", {"number": S, "text": S}, S),
    "http_get": ("Fetches a page.", {"url": S}, S),
    "run_command": ("Runs a shell command and returns what it prints.", {"command": S}, S),
}


def row(name, what, params, returns):
    return {
        "name": name,
        "description": what,
        "inputSchema": {
            "type": "object",
            "properties": {key.rstrip("?"): schema for key, schema in params.items()},
            "required": [key for key in params if not key.endswith("?")],
        },
        "outputSchema": returns,
    }


if __name__ == "__main__":
    rows = [row(name, *rest) for name, rest in TOOLS.items()]
    (pathlib.Path(__file__).parent / "office.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")

# a comment before anything
text = (
    "one"  # a comment inside brackets
    "two"
)
more = """three
vier grün"""
answer(text + "\n" + more)

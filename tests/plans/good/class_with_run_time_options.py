people = ["Anna", "Ben"]
text = file_read(path="minutes.txt")
if len(people) == 0:
    answer("Nobody was there.")
else:
    class Todo:
        person: one_of(people)
        task: span(text)
    todos = ask("List every task and whose it is.", data=text, type=list[Todo])
    answer("\n".join(f"{t.person}: {t.task}" for t in todos))

if confirm("Shall I delete the old draft f-17?"):
    answer(delete_file(file_id="f-17"))
else:
    answer("I kept it.")

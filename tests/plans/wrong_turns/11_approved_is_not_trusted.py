printed = run_command(command=file_read(path="job.txt"))
delete_file(file_id=printed.strip())
answer("Done.")

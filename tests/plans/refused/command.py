answer(run_command(command="df -h /"))

answer(int(run_command(command="df --output=avail /")))

Sure! Here is the plan you asked for:

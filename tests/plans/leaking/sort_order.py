paid = get_transactions(days=30)
amounts = {"Anna": paid[0].amount, "Ben": paid[1].amount}
order = sorted(["Anna", "Ben"], key=lambda name: amounts[name])
send_email(recipients=["anna@berg.example"], subject="Least", body=order[0])
answer("Done.")

"""Who may come in without a password: what professionals give, see and withdraw."""

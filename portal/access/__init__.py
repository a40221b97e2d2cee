"""Who may do what, and which rows each one may see."""

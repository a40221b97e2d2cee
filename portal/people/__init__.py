"""People: the portfolio, the file of a person, what they can do, and who follows them."""

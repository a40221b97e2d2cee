"""The forms of the portfolio and of a person's file."""

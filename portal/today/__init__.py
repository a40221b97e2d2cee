"""« Ma journée »: what is due, in the order it is due."""

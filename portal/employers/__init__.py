"""The space of the employer: one need, a few cards, two minutes."""

"""Links, printed codes and six-digit codes: how one enters without a password."""

"""Days on which people work, as the planning of cohorts counts them."""

from __future__ import annotations

from datetime import date

from matching.closed_days import is_open


def is_working_day(day: date) -> bool:
    """Whether it is neither a weekend nor one of the public holidays of the Code du travail."""
    return is_open(day)

"""Errors whose message is meant for the person who gave the input."""

from __future__ import annotations


class InputError(Exception):
    """What was given cannot be used; ``str(error)`` is one line that says why, in French.

    Commands print it on standard error and exit with code 2.
    """

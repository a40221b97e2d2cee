"""What may go wrong on the way, told in French with what to do."""

from __future__ import annotations

AGAIN = "Relancez la même commande\u00a0: les tranches finies sont gardées."


class ClusterError(RuntimeError):
    """The work could not be done; the message says in French why, and what to do."""


class OtherEngineError(RuntimeError):
    """A worker whose engine is not the one that asks: its answers might differ."""

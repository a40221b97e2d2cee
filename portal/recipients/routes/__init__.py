"""The pages of the person's space: each module adds its own to the blueprint."""

from __future__ import annotations

from portal.recipients.blueprint import blueprint

__all__ = ["blueprint"]

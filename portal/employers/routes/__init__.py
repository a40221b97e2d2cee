"""The pages of the employer's space: each module adds its own to the blueprint."""

from __future__ import annotations

from portal.employers.blueprint import blueprint

__all__ = ["blueprint"]

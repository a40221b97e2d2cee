"""The pages of the person's space: each module adds its own to the blueprint."""

from __future__ import annotations

from portal.recipients.blueprint import blueprint
from portal.recipients.routes import (
    app_files,
    contacts,
    data,
    home,
    invitation,
    leads,
    pathway,
    skills,
    why,
)

__all__ = [
    "app_files",
    "blueprint",
    "contacts",
    "data",
    "home",
    "invitation",
    "leads",
    "pathway",
    "skills",
    "why",
]

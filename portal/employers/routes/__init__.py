"""The pages of the employer's space: each module adds its own to the blueprint."""

from __future__ import annotations

from portal.employers.blueprint import blueprint
from portal.employers.routes import former, hosts, need, offers, people, saying, trying

__all__ = ["blueprint", "former", "hosts", "need", "offers", "people", "saying", "trying"]

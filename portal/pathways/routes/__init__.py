"""Where pathways are composed, changed, agreed, followed and printed."""

from portal.pathways.routes import compose, edit, moves, portfolio, show
from portal.pathways.routes.door import blueprint

__all__ = ["blueprint", "compose", "edit", "moves", "portfolio", "show"]

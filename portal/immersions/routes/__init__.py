"""Where immersions are prepared, signed, followed, assessed and printed."""

from portal.immersions.routes import assess, follow, prepare, sheet
from portal.immersions.routes.door import blueprint

__all__ = ["assess", "blueprint", "follow", "prepare", "sheet"]

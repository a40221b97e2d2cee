"""Where templates, static files and migrations are: in the wheel, or beside the packages."""

from __future__ import annotations

from pathlib import Path

_PACKAGED = Path(__file__).parent / "_assets"
ROOT = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parent.parent

TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
MIGRATIONS = ROOT / "migrations"

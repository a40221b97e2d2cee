"""The tool of the catalogues (scripts/translations.py), for the tests."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

_SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "translations.py"


@cache
def tool() -> ModuleType:
    """The module, loaded from its file: scripts are no package."""
    spec = importlib.util.spec_from_file_location("ecluse_translations", _SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def extracted() -> Any:
    """The strings of the recipient's pages, as the sources are now."""
    return tool().extract()

"""Where a form may send one back to."""

from __future__ import annotations

import re

# One slash, then neither a second one nor a backslash, nor a control character that browsers drop.
_LOCAL_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def local_path(target: str | None, default: str = "/") -> str:
    """A path of this site, never another host (no open redirect)."""
    return target if target and _LOCAL_PATH.fullmatch(target) else default

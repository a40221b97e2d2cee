"""The version of the written rules; it changes whenever a result can."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

ENGINE_VERSION = "1.0"
ENGINE_DATE = date(2026, 11, 20)

_PORTAL = Path(__file__).parents[1]
#: What turns rows into records, with what it reads them by.
_READ_BY = ("facts.py", "matchmaking/*.py", "models/*.py")


def digest_of(portal: Path) -> str:
    """The code that reads rows, under the folder of the portal, as one digest."""
    digest = hashlib.blake2b(digest_size=16)
    for pattern in _READ_BY:
        for path in sorted(portal.glob(pattern)):
            digest.update(f"{path.relative_to(portal).as_posix()}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


#: The code of this process: an index that another code read is made again. Read with the code
#: itself: a release put in place under processes that run changes nothing of what they are. A
#: release may read rows otherwise under the same rules. The code of the engine itself is in the
#: shape of what it writes (:mod:`matching.snapshot`).
READING_CODE = digest_of(_PORTAL)

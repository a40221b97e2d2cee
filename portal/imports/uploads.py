"""Files waiting to be imported: kept under a random name, with a note of what they are."""

from __future__ import annotations

import json
import os
import re
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

from portal import clock
from portal.config import Settings
from portal.imports.base import RefusedFileError
from portal.imports.registry import KINDS
from portal.models import ImportKind

# Long enough to preview, think and import; files of people must not stay.
KEPT = timedelta(days=2)
_TOKEN = re.compile(r"[0-9a-f]{32}")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Upload:
    """A stored file: its name as given, and who brought it in for whom."""

    token: str
    kind: ImportKind
    file_name: str
    account_id: int
    organisation_id: int


def store_upload(
    settings: Settings,
    stream: IO[bytes],
    *,
    file_name: str,
    kind: ImportKind,
    account_id: int,
    organisation_id: int,
) -> Upload:
    """Write the file under a random name, readable by the server alone.

    Raises RefusedFileError on an extension of another kind, or an empty file.
    """
    purge_uploads(settings)
    shown = _shown(file_name)
    _check_extension(shown, kind)
    upload = Upload(secrets.token_hex(16), kind, shown, account_id, organisation_id)
    settings.uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = path_of(settings, upload.token)
    if not _copy(stream, path):
        path.unlink()
        raise RefusedFileError(f"« {shown} » est vide : choisissez un autre fichier.")
    _note(settings, upload.token).write_text(json.dumps(asdict(upload)), encoding="utf-8")
    return upload


def get_upload(settings: Settings, token: str) -> Upload | None:
    """The note of a stored file, or None (unknown, or gone)."""
    if not _TOKEN.fullmatch(token) or not path_of(settings, token).is_file():
        return None
    try:
        note = json.loads(_note(settings, token).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return Upload(**{**note, "kind": ImportKind(note["kind"])})


def path_of(settings: Settings, token: str) -> Path:
    """Where the file of a token is."""
    return settings.uploads / f"{token}.bin"


def forget_upload(settings: Settings, token: str) -> None:
    """Delete a file and its note; nothing if they are gone."""
    path_of(settings, token).unlink(missing_ok=True)
    _note(settings, token).unlink(missing_ok=True)


def purge_uploads(settings: Settings) -> None:
    """Delete what has waited longer than ``KEPT``."""
    if not settings.uploads.is_dir():
        return
    oldest = (clock.now() - KEPT).timestamp()
    for path in settings.uploads.iterdir():
        if path.suffix in {".bin", ".json"} and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def _note(settings: Settings, token: str) -> Path:
    return settings.uploads / f"{token}.json"


def _shown(file_name: str) -> str:
    """The name to show: the last part of the path, without control characters."""
    last = re.split(r"[/\\]", file_name)[-1]
    return re.sub(r"[\x00-\x1f\x7f]", "", last).strip()[:200] or "fichier"


def _check_extension(name: str, kind: ImportKind) -> None:
    accepted = KINDS[kind].accept
    if not name.lower().endswith(accepted):
        raise RefusedFileError(
            f"« {name} » n’a pas la bonne extension : il faut {' ou '.join(accepted)}."
        )


def _copy(stream: IO[bytes], path: Path) -> int:
    """Copy in pieces; how many bytes."""
    size = 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        while chunk := stream.read(_CHUNK):
            target.write(chunk)
            size += len(chunk)
    return size

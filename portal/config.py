"""Settings read once from the environment; every default is safe for production."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

SQLITE_NAME = "ecluse.sqlite3"
KEY_FILE = "secret.key"
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """Where data lives and how strict the server is.

    ``home`` holds the SQLite database, uploads, reports and the secret key.
    ``secure_cookies`` is off only in the demonstration and in tests, served over plain HTTP.
    """

    home: Path
    database_url: str
    secret_key: str = field(repr=False)
    demo: bool = False
    testing: bool = False
    secure_cookies: bool = True
    max_upload_bytes: int = 64 * MEGABYTE
    session_idle: timedelta = timedelta(hours=2)
    session_lifetime: timedelta = timedelta(hours=12)

    @property
    def uploads(self) -> Path:
        """Where files to import wait until their run has read them."""
        return self.home / "uploads"

    @property
    def reports(self) -> Path:
        """Where the reports of imports are kept for download."""
        return self.home / "reports"


def home_from_environment(home: str | os.PathLike[str] | None = None) -> Path:
    """The data folder: the argument, else ``ECLUSE_HOME``, else ``instance/``."""
    return Path(home or os.environ.get("ECLUSE_HOME") or "instance").resolve()


def load_settings(home: str | os.PathLike[str] | None = None, *, demo: bool = False) -> Settings:
    """Settings for ``home``, created with its secret key when missing."""
    folder = home_from_environment(home)
    folder.mkdir(parents=True, exist_ok=True)
    url = os.environ.get("ECLUSE_DATABASE_URL") or f"sqlite:///{folder / SQLITE_NAME}"
    settings = Settings(
        home=folder,
        database_url=url,
        secret_key=os.environ.get("ECLUSE_SECRET_KEY") or _secret_key(folder / KEY_FILE),
        demo=demo,
        secure_cookies=not demo,
    )
    upload_megabytes = os.environ.get("ECLUSE_MAX_UPLOAD_MB")
    if upload_megabytes:
        settings = replace(settings, max_upload_bytes=int(upload_megabytes) * MEGABYTE)
    return settings


def _secret_key(path: Path) -> str:
    """Read the key, or create it once, readable by its owner alone."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    key = os.urandom(32).hex()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key)
    return key

"""Settings read once from the environment; every default is safe for production."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from portal.errors import InputError
from portal.message_settings import LINK_END, LINK_LENGTH, MessageSettings, load_message_settings

SQLITE_NAME = "ecluse.sqlite3"
KEY_FILE = "secret.key"
SHORTEST_KEY = 32
#: People, offers and sessions together: each process builds the index of fewer by itself, in less
#: time than opening it would take.
SMALL_TERRITORY = 5_000
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """Where data lives and how strict the server is.

    ``home`` holds the SQLite database, uploads, reports, indexes and the secret key.
    ``secure_cookies`` is off only in the demonstration and in tests, served over plain HTTP.
    ``public_url`` is how the portal is reached from outside, what links in messages begin with.
    ``trusted_proxies`` is how many reverse proxies of ours stand in front (0: none).
    """

    home: Path
    database_url: str
    secret_key: str = field(repr=False)
    demo: bool = False
    testing: bool = False
    secure_cookies: bool = True
    max_upload_bytes: int = 64 * MEGABYTE
    trusted_proxies: int = 0
    public_url: str = "http://127.0.0.1:8000"
    messages: MessageSettings = field(default_factory=MessageSettings)
    session_idle: timedelta = timedelta(hours=2)
    session_lifetime: timedelta = timedelta(hours=12)

    @property
    def uploads(self) -> Path:
        """Where files to import wait until their run has read them."""
        return self.home / "uploads"

    @property
    def indexes(self) -> Path:
        """Where the index of a large territory is kept, made again when it is not there."""
        return self.home / "index"

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
    try:
        folder.mkdir(parents=True, exist_ok=True)
        key = _secret_key(folder / KEY_FILE)
    except OSError as error:
        raise InputError(f"Le dossier {folder} ne peut pas servir : {error.strerror}.") from error
    url = os.environ.get("ECLUSE_DATABASE_URL") or f"sqlite:///{folder / SQLITE_NAME}"
    settings = Settings(
        home=folder,
        database_url=url,
        secret_key=key,
        demo=demo,
        secure_cookies=not demo,
    )
    settings = replace(
        settings,
        max_upload_bytes=_whole_number("ECLUSE_MAX_UPLOAD_MB", 64) * MEGABYTE,
        trusted_proxies=_whole_number("ECLUSE_TRUSTED_PROXIES", 0),
        public_url=_public_url(settings.public_url),
        messages=load_message_settings(),
    )
    _check_room_for_links(settings)
    return settings


def _check_room_for_links(settings: Settings) -> None:
    """A link leaves room for the sentence in an SMS, or :class:`InputError`."""
    longest = LINK_LENGTH - LINK_END
    if settings.messages.sms_url and len(settings.public_url) > longest:
        raise InputError(
            f"ECLUSE_PUBLIC_URL doit avoir {longest} caractères au plus pour tenir dans un SMS :"
            f" {settings.public_url} en a {len(settings.public_url)}."
        )


def _public_url(default: str) -> str:
    """``ECLUSE_PUBLIC_URL`` without a final slash; :class:`InputError` unless it is an address."""
    text = os.environ.get("ECLUSE_PUBLIC_URL", "").strip().rstrip("/") or default
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise InputError(
            f"ECLUSE_PUBLIC_URL doit être une adresse comme https://ecluse.example, et non {text}."
        )
    return text


def _whole_number(name: str, default: int) -> int:
    """A whole number of the environment; :class:`InputError` when it is something else."""
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit():
        raise InputError(f"{name} doit être un nombre entier, et non « {text} ».")
    return int(text)


def _secret_key(path: Path) -> str:
    """The key given by the environment, else the one of the folder, made at first use."""
    given = os.environ.get("ECLUSE_SECRET_KEY", "")
    if given and len(given) < SHORTEST_KEY:
        raise InputError(f"ECLUSE_SECRET_KEY doit avoir au moins {SHORTEST_KEY} caractères.")
    if not given and not path.exists():
        _write_key(path)
    return given or path.read_text(encoding="ascii").strip()


def _write_key(path: Path) -> None:
    """Write a key that its owner alone can read.

    It appears whole: of two processes that start together, the second takes the first's.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(os.urandom(32).hex())
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()

"""What several commands share: the data folder, and a database ready to be used."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy.exc import ArgumentError, OperationalError

from portal import schema
from portal.config import Settings
from portal.db import Database
from portal.errors import InputError

Command = TypeVar("Command", bound=Callable[..., Any])


def home_option(command: Command) -> Command:
    """Add ``--home DIR``, given to the command as ``home: Path | None``."""
    option = click.option(
        "--home",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DOSSIER",
        help="Dossier des données (sinon la variable ECLUSE_HOME, sinon instance/).",
    )
    return option(command)


def port_option(what: str) -> Callable[[Command], Command]:
    """Add ``--port N``, 8000 unless said; ``what`` tells of it."""
    return click.option(
        "--port",
        default=8000,
        show_default=True,
        metavar="N",
        type=click.IntRange(1, 65535),
        help=what,
    )


def assert_free(host: str, port: int) -> None:
    """Refuse an address nobody can listen on, before anything long is done or said."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        why = (
            "un autre programme y écoute déjà"
            if error.errno == errno.EADDRINUSE
            else f"il ne peut pas servir ({error.strerror})"
        )
        raise InputError(
            f"Le port {port} de {host}\u00a0: {why}. Prenez-en un autre avec --port."
        ) from error


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database of the settings, whatever its schema; closed at the end."""
    try:
        database = Database(settings.database_url)
    except (ArgumentError, ModuleNotFoundError, ValueError) as error:  # no address, other bases
        raise InputError(
            "ECLUSE_DATABASE_URL n’est pas une adresse de base de données comme"
            " postgresql://nom:motdepasse@serveur/base."
        ) from error
    database.keep_index_in(settings.indexes)
    try:
        yield database
    except OperationalError as error:
        raise InputError(f"La base de données ne répond pas : {error.orig}") from error
    finally:
        database.dispose()


@contextmanager
def ready(settings: Settings) -> Iterator[Database]:
    """The database of the settings, refused when ``ecluse upgrade`` has not been run on it."""
    with opened(settings) as database:
        if not schema.is_current(database.engine):
            raise InputError("La base n’est pas à jour : lancez d’abord « ecluse upgrade ».")
        yield database

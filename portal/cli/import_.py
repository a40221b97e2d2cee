"""``ecluse import``: bring a file or folder into the database."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from portal.cli._options import home_option, ready
from portal.config import load_settings
from portal.db import Database
from portal.errors import InputError
from portal.imports.base import Phase
from portal.imports.pipeline import run_import
from portal.imports.registry import make_importer
from portal.imports.source import Source
from portal.models import Account, ImportKind, ImportRejection, ImportRun

_SHOWN_REJECTIONS = 10


class ProgressBar:
    """One bar per phase, on standard error; silent where that is not a terminal."""

    def __init__(self) -> None:
        self._phase: Phase | None = None
        self._bar: Any = None
        self._done = 0

    def step(self, phase: Phase, done: int, total: int | None) -> None:
        """Move the bar."""
        if phase is not self._phase:
            self.close()
            self._phase, self._done = phase, 0
            label = f"{phase.value:<36}"
            self._bar = click.progressbar(length=max(total or 0, 1), label=label, file=sys.stderr)
            self._bar.__enter__()
        self._bar.update(max(0, done - self._done))
        self._done = max(done, self._done)

    def close(self) -> None:
        """End the line of the bar."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)


@click.command()
@click.argument("kind", metavar="QUOI", type=click.Choice([kind.value for kind in ImportKind]))
@click.argument("path", metavar="CHEMIN", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Voir ce que le fichier apporte, sans rien écrire.")
@click.option(
    "--account",
    "email",
    metavar="ADRESSE",
    help="Adresse du compte au nom duquel importer (obligatoire pour people).",
)
@click.option(
    "--options",
    "options_file",
    metavar="FICHIER",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Fichier JSON des choix que l’écran propose (people : les colonnes).",
)
@home_option
def command(
    kind: str,
    path: Path,
    dry_run: bool,
    email: str | None,
    options_file: Path | None,
    home: Path | None,
) -> None:
    """Importer un fichier ou un dossier.

    QUOI : rome (dossier ou ZIP), communes (CSV, JSON), catalogue (LHEO), offers (JSON) ou people
    (CSV, XLSX). Le même fichier deux fois ne change rien.

    \b
    Exemples :
      ecluse import communes communes.csv
      ecluse import people suivi.xlsx --dry-run \\
        --account camille.martel@departement.example
    """
    if not path.exists():
        raise InputError(f"Il n’y a rien à « {path} ».")
    with ready(load_settings(home)) as database:
        options = _options(options_file)
        account_id = _account(database, email, options)
        if kind == ImportKind.PEOPLE.value and account_id is None:
            raise InputError("Indiquez --account : une personne est suivie par une structure.")
        run = _run(database, ImportKind(kind), path, options, dry_run, account_id)
        _tell(database, run)


def _options(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        options = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"« {path} » n’est pas un fichier JSON.") from error
    if not isinstance(options, dict):
        raise InputError(f"« {path} » doit contenir un objet JSON.")
    return options


def _account(database: Database, email: str | None, options: dict[str, Any]) -> int | None:
    """The account's id; its structure goes with the options."""
    if email is None:
        return None
    with database.session(read_only=True) as session:
        account = session.scalar(select(Account).where(Account.email == email.strip().lower()))
        place = next((m for m in account.memberships if m.active), None) if account else None
        if account is None or place is None:
            raise InputError(f"Aucun compte actif n’a l’adresse « {email} ».")
        options["organisation_id"] = place.organisation_id
        return account.id


def _run(
    database: Database,
    kind: ImportKind,
    path: Path,
    options: dict[str, Any],
    dry_run: bool,
    account_id: int | None,
) -> ImportRun:
    progress = ProgressBar()
    try:
        return run_import(
            database,
            make_importer(kind, options),
            Source.of(path),
            dry_run=dry_run,
            account_id=account_id,
            monitor=progress,
        )
    finally:
        progress.close()


def _tell(database: Database, run: ImportRun) -> None:
    if run.dry_run:
        click.echo("Aperçu : rien n’a été écrit.")
    click.echo(
        f"{run.read} lignes lues : {run.created} nouvelles, {run.changed} changées, "
        f"{run.unchanged} déjà là, {run.rejected} écartées."
    )
    with database.session(read_only=True) as session:
        rejections = session.scalars(
            select(ImportRejection)
            .where(ImportRejection.run_id == run.id)
            .order_by(ImportRejection.line, ImportRejection.id)
            .limit(_SHOWN_REJECTIONS)
        ).all()
    for rejection in rejections:
        place = ", ".join(
            str(part)
            for part in (rejection.line and f"ligne {rejection.line}", rejection.field)
            if part
        )
        click.echo(f"  {place} : {rejection.reason}")
    if run.rejected > len(rejections):
        click.echo(f"  … et {run.rejected - len(rejections)} autres (rapport complet à l’écran).")

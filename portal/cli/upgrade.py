"""``ecluse upgrade``: bring the database to the current schema."""

from __future__ import annotations

from pathlib import Path

import click

from portal import schema
from portal.cli._options import home_option, opened
from portal.config import load_settings


@click.command()
@home_option
def command(home: Path | None) -> None:
    """Créer la base de données, ou la mettre à jour après une nouvelle version."""
    with opened(load_settings(home)) as database:
        if schema.is_current(database.engine):
            click.echo("La base était déjà à jour.")
            return
        schema.upgrade(database.engine)
    click.echo("La base est à jour.")

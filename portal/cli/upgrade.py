"""``ecluse upgrade``: bring the database to the current schema, with the starter set."""

from __future__ import annotations

from pathlib import Path

import click

from portal import schema
from portal.cli._options import home_option, opened
from portal.config import load_settings
from portal.reference.load import load_starter


@click.command()
@home_option
def command(home: Path | None) -> None:
    """Créer la base de données, ou la mettre à jour.

    À lancer après l’installation, et après chaque nouvelle version.

    Le jeu de départ (métiers, savoir-faire, titres et permis, communes) y est mis à jour aussi,
    sans rien changer à ce qu’un import a apporté.

    \b
    Exemple :
      ecluse upgrade --home /srv/ecluse
    """
    with opened(load_settings(home)) as database:
        current = schema.is_current(database.engine)
        if not current:
            schema.upgrade(database.engine)
        # What this version knows of credentials and trades may be newer than the schema.
        with database.transaction() as session:
            load_starter(session)
    click.echo("La base était déjà à jour." if current else "La base est à jour.")

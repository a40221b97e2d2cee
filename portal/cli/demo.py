"""``ecluse demo``: the demonstration territory, filled once, then served."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from portal import schema
from portal.cli._options import assert_free, home_option, opened, port_option
from portal.cli.suggest import summary
from portal.config import load_settings
from portal.db import Database
from portal.demo.entrances import entrances
from portal.demo.extract import extract
from portal.demo.load import is_empty, is_loaded, load_territory
from portal.demo.structures import PASSWORD
from portal.errors import InputError
from portal.matchmaking.batch import refresh_suggestions
from portal.server import serve

LOOPBACK = "127.0.0.1"


@click.command()
@home_option
@port_option("Port d’écoute, sur cette machine seulement.")
@click.option("--no-serve", is_flag=True, help="Préparer les données, sans servir.")
def command(home: Path | None, port: int, no_serve: bool) -> None:
    """Remplir et servir le territoire de démonstration.

    Un extrait et les adresses d’entrée sont montrés d’abord. À mettre dans un dossier à part :
    une base qui contient déjà des comptes ou des personnes est refusée.

    \b
    Exemple :
      ecluse demo --home demonstration --port 8000
    """
    if not no_serve:
        assert_free(LOOPBACK, port)
    settings = load_settings(home, demo=True)
    # By its name rather than its number: browsers hold no passkey for an address in numbers.
    settings = replace(settings, public_url=f"http://localhost:{port}")
    with opened(settings) as database:
        _prepare(database)
        with database.session(read_only=True) as session:
            click.echo(extract(session))
        click.echo(f"Mot de passe de tous les comptes de démonstration : {PASSWORD}\n")
        with database.transaction() as session:
            click.echo(entrances(session, settings))
    if no_serve:
        return
    click.echo(f"\nÉcluse est servie sur http://{LOOPBACK}:{port} (arrêt : Ctrl+C)")
    serve(settings, host=LOOPBACK, port=port, workers=1)


def _prepare(database: Database) -> None:
    """Fill the database, unless it is already the demonstration."""
    schema.upgrade(database.engine)
    with database.transaction() as session:
        if is_loaded(session):
            return
        if not is_empty(session):
            raise InputError(
                "Cette base contient déjà des comptes ou des personnes : la démonstration se met"
                " dans un dossier à elle (--home)."
            )
        click.echo("Territoire de démonstration :")
        made = load_territory(session, lambda what: click.echo(f"  · {what}"))
        click.echo(
            f"  {made.people} personnes, {made.structures} structures,"
            f" {made.establishments} établissements, {made.offers} offres,"
            f" {made.sessions} sessions, {made.pathways} parcours, {made.cohorts} cohortes."
        )
        click.echo(f"  {summary(refresh_suggestions(session, lambda *_: None))}\n")

"""``ecluse index``: have the index of a large territory ready on the disk."""

from __future__ import annotations

from pathlib import Path

import click

from portal.cli._options import home_option, ready
from portal.config import load_settings
from portal.matchmaking.world import cache_of


@click.command()
@home_option
@click.option("--rebuild", is_flag=True, help="Le refaire même s’il peut servir.")
def command(home: Path | None, rebuild: bool) -> None:
    """Préparer sur le disque l’index du serveur.

    « ecluse serve » le fait seul, chaque jour et quand beaucoup a changé : les pages répondent
    pendant ce temps. Une sauvegarde de la base remise en place est reconnue.
    """
    with ready(load_settings(home)) as database, database.session(read_only=True) as session:
        kept = cache_of(session).prepare(session, anew=rebuild)
    click.echo(
        "L’index est prêt." if kept else "Petit territoire : chaque processus fait le sien, vite."
    )

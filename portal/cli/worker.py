"""``ecluse worker``: do the long work that pages ask for."""

from __future__ import annotations

from pathlib import Path

import click

from portal.cli._options import home_option, ready
from portal.config import load_settings
from portal.jobs.worker import run_worker, stop_on_signals


@click.command()
@home_option
def command(home: Path | None) -> None:
    """Faire les travaux longs demandés depuis les pages.

    « ecluse serve » et « ecluse demo » en lancent un ; cette commande sert à en ajouter, ou à
    le faire tourner à part. Les travaux sont les imports, les calculs et l’entretien.

    \b
    Exemple :
      ecluse worker --home /srv/ecluse
    """
    settings = load_settings(home)
    with ready(settings) as database:
        stop = stop_on_signals()
        click.echo("En attente de travaux. Ctrl+C pour arrêter.")
        run_worker(database, settings, stop)

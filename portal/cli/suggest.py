"""``ecluse suggest``: recompute the suggestions of everyone."""

from __future__ import annotations

from pathlib import Path

import click

from portal.cli._options import home_option, ready
from portal.config import load_settings
from portal.matchmaking.batch import Refreshed, refresh_suggestions


@click.command()
@home_option
def command(home: Path | None) -> None:
    """Recalculer les propositions d’emploi de toutes les personnes."""
    with ready(load_settings(home)) as database:
        with click.progressbar(length=1, label="Propositions") as bar:

            def report(phase: str, done: int, total: int) -> None:
                bar.label = f"Propositions ({phase})"
                bar.length = max(total, 1)
                bar.update(done - bar.pos)

            with database.transaction() as session:
                found = refresh_suggestions(session, report)
        click.echo(summary(found))


def summary(found: Refreshed) -> str:
    """One line that says what was computed."""
    return (
        f"{found.people} personnes × {found.offers} offres : {found.pairs} propositions gardées,"
        f" dont {found.ready} « prêt » et {found.one_step} « prêt après une étape »."
    )

"""``ecluse suggest``: recompute the suggestions of everyone."""

from __future__ import annotations

from pathlib import Path

import click

from portal.cli._options import home_option, ready
from portal.config import load_settings
from portal.errors import InputError
from portal.matchmaking.batch import Maker, Refreshed, here, refresh_suggestions
from portal.matchmaking.elsewhere import Elsewhere


@click.command()
@home_option
@click.option(
    "--scheduler",
    metavar="ADRESSE",
    help="Faire les listes par les agents d’un ordonnanceur Dask, tcp://machine:8786 ou"
    " tls://machine:8786.",
)
@click.option(
    "--parts",
    metavar="DOSSIER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Avec --scheduler : où mettre le dossier « tranches » (sinon dans celui des données).",
)
@click.option(
    "--tls-ca", metavar="PEM", help="Avec tls:// : certificat de l’autorité à qui faire confiance."
)
@click.option("--tls-cert", metavar="PEM", help="Avec tls:// : notre certificat.")
@click.option("--tls-key", metavar="PEM", help="Avec --tls-cert : la clé de notre certificat.")
def command(
    home: Path | None,
    scheduler: str | None,
    parts: Path | None,
    tls_ca: str | None,
    tls_cert: str | None,
    tls_key: str | None,
) -> None:
    """Recalculer les propositions d’emploi de tous.

    En une transaction : les anciennes servent jusqu’à la fin. Un calcul interrompu avec
    --scheduler est repris où il en était par la même commande.

    \b
    Exemples :
      ecluse suggest
      ecluse suggest --scheduler tcp://10.0.0.1:8786
    """
    settings = load_settings(home)
    make: Maker = here
    tls = (tls_ca, tls_cert, tls_key)
    if scheduler is not None:
        make = Elsewhere(scheduler, (parts or settings.home) / "tranches", tls)
    elif parts is not None or any(tls):
        raise InputError("--parts et --tls-… ne servent qu’avec --scheduler.")
    with ready(settings) as database:
        with click.progressbar(length=1, label="Propositions") as bar:

            def report(phase: str, done: int, total: int) -> None:
                bar.label = f"Propositions ({phase})"
                bar.length = max(total, 1)
                bar.update(done - bar.pos)

            with database.transaction() as session:
                found = refresh_suggestions(session, report, make)
        click.echo(summary(found))


def summary(found: Refreshed) -> str:
    """One line that says what was computed."""
    return (
        f"{found.people} personnes × {found.offers} offres : {found.pairs} propositions gardées,"
        f" dont {found.ready} « prêt » et {found.one_step} « prêt après une étape »."
    )

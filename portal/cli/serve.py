"""``ecluse serve``: the web server and its background worker."""

from __future__ import annotations

from pathlib import Path

import click

from portal.cli._options import assert_free, home_option, port_option, ready
from portal.config import load_settings
from portal.demo_guard import assert_servable
from portal.server import serve


@click.command()
@home_option
@click.option(
    "--host", default="127.0.0.1", show_default=True, metavar="ADRESSE", help="Adresse d’écoute."
)
@port_option("Port d’écoute.")
@click.option(
    "--workers",
    default=2,
    show_default=True,
    metavar="N",
    type=click.IntRange(1, 64),
    help="Nombre de processus, de quatre fils chacun.",
)
def command(home: Path | None, host: str, port: int, workers: int) -> None:
    """Servir le portail, avec les travaux de fond.

    À mettre derrière un serveur HTTPS. Ctrl+C l’arrête.

    \b
    Exemple :
      ecluse serve --port 8000 --workers 2
    """
    settings = load_settings(home)
    with ready(settings) as database, database.session(read_only=True) as session:
        assert_servable(session, settings)
    assert_free(host, port)
    click.echo(f"Écluse : http://{host}:{port}")
    serve(settings, host=host, port=port, workers=workers)

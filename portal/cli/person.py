"""``ecluse person``: what the structure responsible asks of whoever keeps the server."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import select

from portal.cli._options import home_option, ready
from portal.config import load_settings
from portal.errors import InputError
from portal.models import Person
from portal.people.erasing import erase_person


@click.group(subcommand_metavar="COMMANDE [ARGUMENTS]…")
def command() -> None:
    """Effacer le dossier d’une personne."""


@command.command()
@home_option
@click.argument("identifier", metavar="IDENTIFIANT")
@click.option("--yes", is_flag=True, help="Ne pas demander de confirmation.")
def erase(home: Path | None, identifier: str, yes: bool) -> None:
    """Effacer un dossier pour de bon (RGPD, article 17).

    Le nom, les moyens de contact, les notes, les messages et tout ce qui décrit la personne sont
    effacés\u00a0; restent des faits datés, sans nom, qui servent aux comptes. L’identifiant est
    la fin de l’adresse du dossier. Ce qui est en cours doit d’abord être terminé dans le portail.

    \b
    Exemple\u00a0:
      ecluse person erase k2r5bjj877jt4c
    """
    with ready(load_settings(home)) as database, database.transaction() as session:
        person = session.scalar(select(Person).where(Person.public_id == identifier))
        if person is None:
            raise InputError("Aucun dossier n’a cet identifiant.")
        if not yes:
            _confirm(person)
        erase_person(session, person)
    click.echo("Le dossier est effacé.")


def _confirm(person: Person) -> None:
    """Have the word typed: nothing brings a file back."""
    question = (
        f"Effacer pour de bon le dossier de {person.short_name}\u00a0? Tapez «\u00a0effacer\u00a0»"
    )
    if click.prompt(question, default="", show_default=False).strip().lower() != "effacer":
        raise click.Abort

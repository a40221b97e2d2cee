"""``ecluse account``: the first accounts, before anybody can open them on screen."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.addresses import checked_address
from portal.accounts.changes import record_account, record_link, record_password
from portal.accounts.links import VALID_FOR, make_token
from portal.cli._options import home_option, ready
from portal.config import load_settings
from portal.errors import InputError
from portal.models import Account, Organisation, OrganisationKind, Role

_DEPARTEMENT = re.compile(r"\d{2}|2[AB]|9[78]\d")
_EXAMPLE = """\b
Exemple :
  ecluse account create --email camille.martel@departement.example \\
    --first-name Camille --last-name Martel --role admin \\
    --organisation "Département" --create-organisation departement \\
    --departement 62
"""
_HOURS = round(VALID_FOR.total_seconds() / 3600)


@click.group(subcommand_metavar="COMMANDE [ARGUMENTS]…")
def command() -> None:
    """Ouvrir un compte, ou remettre un lien de mot de passe."""


@command.command(epilog=_EXAMPLE)
@home_option
@click.option(
    "--email", required=True, metavar="ADRESSE", help="Adresse électronique, au nom de la personne."
)
@click.option("--first-name", required=True, metavar="PRÉNOM", help="Prénom.")
@click.option("--last-name", required=True, metavar="NOM", help="Nom.")
@click.option(
    "--role",
    required=True,
    type=click.Choice([role.value for role in Role]),
    metavar="RÔLE",
    help=f"Rôle : {', '.join(role.value for role in Role)}.",
)
@click.option(
    "--organisation", "name", required=True, metavar="NOM", help="Nom exact de sa structure."
)
@click.option(
    "--create-organisation",
    "kind",
    type=click.Choice([kind.value for kind in OrganisationKind]),
    metavar="TYPE",
    help="Créer la structure si elle n’existe pas, de ce type :"
    f" {', '.join(kind.value for kind in OrganisationKind)}.",
)
@click.option(
    "--departement",
    metavar="CODE",
    help="Avec --create-organisation : code du département de la structure (62, 2A, 974).",
)
@click.option("--link", is_flag=True, help="Donner un lien à remettre, au lieu d’un mot de passe.")
@click.option(
    "--url", metavar="ADRESSE", help="Avec --link : début du lien (sinon ECLUSE_PUBLIC_URL)."
)
def create(
    home: Path | None,
    email: str,
    first_name: str,
    last_name: str,
    role: str,
    name: str,
    kind: str | None,
    departement: str | None,
    link: bool,
    url: str | None,
) -> None:
    """Ouvrir le compte d’une personne dans une structure.

    Le mot de passe est demandé au clavier, deux fois ; avec --link, la personne le choisit
    elle-même.
    """
    _refuse_idle(kind, departement, link, url)
    address = checked_address(email)
    settings = load_settings(home)
    with ready(settings) as database:
        # Asked before the transaction: typing must not hold the database.
        password = None if link else _asked_password()
        with database.transaction() as session:
            account = record_account(
                session,
                None,
                email=address,
                first_name=first_name,
                last_name=last_name,
                role=Role(role),
                organisation=_organisation(session, name, kind, departement),
            )
            if password is None:
                end = _link(session, settings.secret_key, account)
            else:
                record_password(session, None, account, password)
    click.echo(f"Compte ouvert : {account.full_name}, {account.email}.")
    if password is None:
        _show_link(url or settings.public_url, end)


def _refuse_idle(kind: str | None, departement: str | None, link: bool, url: str | None) -> None:
    if departement is not None and kind is None:
        raise InputError("--departement ne sert qu’avec --create-organisation.")
    if url is not None and not link:
        raise InputError("--url ne sert qu’avec --link.")


@command.command("link")
@home_option
@click.option("--email", required=True, metavar="ADRESSE", help="Adresse du compte.")
@click.option("--url", metavar="ADRESSE", help="Début du lien (sinon ECLUSE_PUBLIC_URL).")
def link_command(home: Path | None, email: str, url: str | None) -> None:
    """Donner un lien pour choisir un mot de passe oublié.

    \b
    Exemple :
      ecluse account link --email camille.martel@departement.example \\
        --url https://ecluse.example.org
    """
    settings = load_settings(home)
    with ready(settings) as database, database.transaction() as session:
        account = session.scalar(
            select(Account).where(Account.email == email.strip().lower(), Account.active)
        )
        if account is None:
            raise InputError("Aucun compte ouvert n’a cette adresse.")
        end = _link(session, settings.secret_key, account)
    _show_link(url or settings.public_url, end)


def _organisation(
    session: Session, name: str, kind: str | None, departement: str | None
) -> Organisation:
    """The structure of this name, created when a kind is given and it does not exist."""
    found = session.scalars(
        select(Organisation).where(Organisation.name == name, Organisation.active)
    ).all()
    if len(found) > 1:
        raise InputError(f"Plusieurs structures s’appellent « {name} ».")
    if found:
        return found[0]
    if kind is None:
        raise InputError(
            f"Aucune structure ne s’appelle « {name} » : vérifiez le nom,"
            " ou créez-la avec --create-organisation."
        )
    if departement is not None and not _DEPARTEMENT.fullmatch(departement):
        raise InputError(f"« {departement} » n’est pas un code de département.")
    if departement is None and OrganisationKind(kind) is not OrganisationKind.REGION:
        raise InputError("Donnez le département de la structure à créer, avec --departement.")
    organisation = Organisation(
        kind=OrganisationKind(kind), name=name, departement_code=departement
    )
    session.add(organisation)
    session.flush()
    return organisation


def _asked_password() -> str:
    password: str = click.prompt(
        "Mot de passe",
        hide_input=sys.stdin.isatty(),
        confirmation_prompt="Le même, une seconde fois",
    )
    return password


def _link(session: Session, secret_key: str, account: Account) -> str:
    record_link(session, None, account)
    return make_token(secret_key, account)


def _show_link(url: str, token: str) -> None:
    click.echo(f"Lien à remettre, valable {_HOURS} heures et une seule fois :")
    click.echo(f"{url.rstrip('/')}/compte/choisir/{token}")

"""Structures and demonstration accounts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from portal.accounts.passwords import hash_password
from portal.demo.scene import Scene
from portal.models import Account, Membership, Organisation, OrganisationKind, Role
from portal.text import fold

PASSWORD = "ecluse-demo"  # noqa: S105 -- printed on purpose; a demo database is never served


@dataclass
class Structures:
    """The structures and accounts that the rest of the demonstration refers to."""

    organisations: dict[str, Organisation]
    accounts: dict[str, Account]


_ORGANISATIONS: tuple[tuple[str, OrganisationKind, str, str | None, str | None], ...] = (
    ("region", OrganisationKind.REGION, "Région Hauts-de-France", None, None),
    ("cd62", OrganisationKind.DEPARTEMENT, "Département du Pas-de-Calais", None, "62"),
    ("cd59", OrganisationKind.DEPARTEMENT, "Département du Nord", None, "59"),
    ("mds_arras", OrganisationKind.MDS, "Maison du Département Solidarité d’Arras", "cd62", "62"),
    ("mds_lens", OrganisationKind.MDS, "Maison du Département Solidarité de Lens", "cd62", "62"),
    ("mds_cambrai", OrganisationKind.MDS, "Pôle insertion de Cambrai", "cd59", "59"),
    ("pe_artois", OrganisationKind.PLATFORM, "Plateforme Proch’Emploi Artois", "region", "62"),
    (
        "pe_cambresis",
        OrganisationKind.PLATFORM,
        "Plateforme Proch’Emploi Cambrésis",
        "region",
        "59",
    ),
    ("hub_btp", OrganisationKind.HUB, "Hub travaux publics et canal", "region", "62"),
    ("ml_lens", OrganisationKind.MISSION_LOCALE, "Mission locale de la Gohelle", None, "62"),
    ("siae", OrganisationKind.SIAE, "Chantier d’insertion Les Berges", None, "62"),
)
# (key, role, structure, first name, last name): the names are invented like the others.
_ACCOUNTS: tuple[tuple[str, Role, str, str, str], ...] = (
    ("adviser", Role.ADVISER, "pe_artois", "Claire", "Vautrelin"),
    ("adviser_2", Role.ADVISER, "pe_artois", "Marc", "Daubricourt"),
    ("adviser_59", Role.ADVISER, "pe_cambresis", "Sonia", "Perlemont"),
    ("referent", Role.REFERENT, "mds_arras", "Nadia", "Lourquin"),
    ("referent_2", Role.REFERENT, "mds_arras", "Paul", "Rosdreval"),
    ("referent_lens", Role.REFERENT, "mds_lens", "Hélène", "Marflin"),
    ("referent_59", Role.REFERENT, "mds_cambrai", "Éric", "Solguelin"),
    ("mission_locale", Role.REFERENT, "ml_lens", "Inès", "Barnaquin"),
    ("hub", Role.HUB, "hub_btp", "Thomas", "Corvignel"),
    ("pilot_region", Role.PILOT_REGION, "region", "Anne", "Walcourt"),
    ("pilot_departement", Role.PILOT_DEPARTEMENT, "cd62", "Luc", "Verlaine-Tarquin"),
    ("dpo", Role.DPO, "cd62", "Mireille", "Florival"),
    ("admin", Role.ADMIN, "cd62", "Yann", "Tursart"),
)


def make_structures(scene: Scene) -> Structures:
    """The structures and the named demonstration accounts (all with the printed password)."""
    organisations: dict[str, Organisation] = {}
    for key, kind, name, parent, departement in _ORGANISATIONS:
        organisations[key] = scene.add(
            Organisation(
                kind=kind,
                name=name,
                parent=organisations[parent] if parent else None,
                departement_code=departement,
                phone=f"03 53 01 00 {len(organisations):02d}",
            )
        )
    accounts = {
        key: make_account(scene, role, organisations[place], first, last)
        for key, role, place, first, last in _ACCOUNTS
    }
    return Structures(organisations, accounts)


def make_account(
    scene: Scene, role: Role, organisation: Organisation, first: str, last: str
) -> Account:
    """A demonstration account; its address ends in a domain that cannot exist."""
    address = f"{fold(first)}.{fold(last)}@demo.example".replace(" ", "-")
    account = scene.add(
        Account(
            email=address,
            first_name=first,
            last_name=last,
            password_hash=_password_hash(),
            demo=True,
        )
    )
    scene.add(Membership(account=account, organisation=organisation, role=role))
    return account


@cache
def _password_hash() -> str:
    """One costly hash for every demonstration account."""
    return hash_password(PASSWORD)

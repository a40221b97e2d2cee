"""The made-up people, offers and professionals of ``benchmarks/serve.py``, by COPY.

Five départements of the starter set. Each offer asks skills of its trade, each person answered a
part of those of the two trades they practised: lists are as long as on a real territory. Every
professional follows ``PORTFOLIO`` people; the others are followed by a structure alone.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.models import Commune, CredentialType, Occupation, OccupationSkill

SEED = 20261120
#: People followed by each professional, fewer in a world too small for it.
PORTFOLIO = 95
DEPARTEMENTS = ("59", "62", "80", "02", "60")
_ALPHABET = "bcdfghjkmnpqrstvwxz23456789"
_NUMBERED = (
    *("organisation", "account", "membership", "person", "referral", "establishment"),
    *("job_offer", "training_program", "training_action", "training_session"),
)

Rows = Iterable[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    people: int
    offers: int
    sessions: int
    accounts: int

    @property
    def portfolio(self) -> int:
        """How many people each professional follows."""
        return max(1, min(PORTFOLIO, self.people // self.accounts))

    @property
    def platforms(self) -> int:
        """How many structures capture offers: one account in six, and one per département."""
        return max(len(DEPARTEMENTS), self.accounts // 30)


@dataclass(frozen=True, slots=True)
class Login:
    """An account that signs in during the run: its key, its place there, and what it opens."""

    account: int
    membership: int
    role: str
    people: tuple[str, ...]
    offers: tuple[str, ...]


class Filling:
    """The structures, the accounts, and how rows are copied; every draw comes from one seed."""

    def __init__(self, connection: psycopg.Connection[Any], session: Session, size: Size) -> None:
        self.connection = connection
        self.size = size
        self.rng = random.Random(SEED)
        self.today = clock.today()
        self.long_ago = datetime.now(UTC) - timedelta(days=2)
        self.communes = _communes(session)
        self.trades = _trades(session)
        self.credentials = list(session.scalars(select(CredentialType.code).order_by("code")))
        self.codes = session.scalars(select(Occupation.code).order_by(Occupation.code)).all()
        self.codes = [code for code in self.codes if self.trades[code]]

    def _public_id(self) -> str:
        return "".join(self.rng.choices(_ALPHABET, k=14))

    def _dated(self) -> dict[str, Any]:
        return {"created_at": self.long_ago, "updated_at": self.long_ago}

    def _copy(self, table: str, rows: Rows) -> None:
        listed = list(rows)
        columns = ", ".join(f'"{name}"' for name in listed[0])
        with (
            self.connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
        ):
            for row in listed:
                copy.write_row(tuple(row.values()))

    def _organisation(self, number: int) -> int:
        """The structure of an account: five accounts in each, the first sixth are platforms."""
        return 1 + (number - 1) // 5

    def _role(self, number: int) -> str:
        return "adviser" if number <= self.size.platforms * 5 else "referent"

    def _departement(self, organisation: int) -> str:
        return DEPARTEMENTS[organisation % len(DEPARTEMENTS)]

    def _structures(self) -> None:
        last = self._organisation(self.size.accounts)
        self._copy(
            "organisation",
            (
                {
                    "id": number,
                    "public_id": self._public_id(),
                    "kind": "platform" if number <= self.size.platforms else "mds",
                    "name": f"Structure {number}",
                    "departement_code": self._departement(number),
                    "active": True,
                    **self._dated(),
                }
                for number in range(1, last + 1)
            ),
        )

    def _accounts(self) -> None:
        numbers = range(1, self.size.accounts + 1)
        self._copy(
            "account",
            (
                {
                    "id": number,
                    "public_id": self._public_id(),
                    "email": f"compte{number}@exemple.fr",
                    "first_name": "Prénom",
                    "last_name": f"Nom {number}",
                    "password_hash": "!",
                    "active": True,
                    "demo": False,
                    **self._dated(),
                }
                for number in numbers
            ),
        )
        self._copy(
            "membership",
            (
                {
                    "id": number,
                    "public_id": self._public_id(),
                    "account_id": number,
                    "organisation_id": self._organisation(number),
                    "role": self._role(number),
                    "active": True,
                }
                for number in numbers
            ),
        )

    def _set_sequences(self) -> None:
        for table in _NUMBERED:
            self.connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )


def _communes(session: Session) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    rows = session.execute(select(Commune.departement_code, Commune.code).order_by(Commune.code))
    for departement, code in rows:
        found[departement].append(code)
    return found


def _trades(session: Session) -> dict[str, list[tuple[str, int]]]:
    """The skills of each occupation, with the level usually asked."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    query = select(OccupationSkill).order_by(
        OccupationSkill.occupation_code, OccupationSkill.skill_code
    )
    for row in session.scalars(query):
        found[row.occupation_code].append((row.skill_code, 2))
    return found

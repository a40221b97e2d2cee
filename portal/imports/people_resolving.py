"""What a row means here: its commune, occupations and skills, in the reference of the database.

Words are understood only when one reading stands alone; otherwise the report asks, and the
adviser will: nothing is chosen silently.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import matchmaking as mm
from portal.imports.people_values import PersonValue, shown
from portal.imports.places import Places, Trades
from portal.models import (
    Account,
    CredentialType,
    Membership,
    Organisation,
    Role,
    Skill,
)
from portal.text import fold

Fail = Callable[[str, str], None]

_ROME = re.compile(r"\b([A-N]\d{4})\b", re.IGNORECASE)
_SURE_SKILL = 95.0
_SURE_LEAD = 3.0
_DEFAULT_LEVEL = 2
_LEVELS = ((re.compile(r"\b(?:avec aide|debutant|notions?)\b"), 1),
           (re.compile(r"\b(?:peut montrer|expert|confirme)\b"), 3),
           (re.compile(r"\b(?:seule?|autonome)\b"), 2))  # fmt: skip
_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*")
_MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A row understood: codes of the reference, and its digest."""

    commune: str | None
    departement: str | None
    trades: tuple[str, ...]
    skills: tuple[tuple[str, int], ...]
    credentials: tuple[str, ...]
    referent_id: int | None
    digest: str


class Resolver:
    """Understands rows for one owner structure; the reference is read once a run."""

    def __init__(self, session: Session, owner_id: int) -> None:
        self._places = Places(session)
        self._trades = Trades(session)
        self._credentials = frozenset(session.scalars(select(CredentialType.code)))
        self._referents = _referents(session, owner_id)
        self._understood: dict[tuple[str, str], str | None] = {}
        self.family = family_of(session, owner_id)

    def resolve(
        self, session: Session, value: PersonValue, fail: Fail = lambda *_: None
    ) -> PersonFacts:
        """The facts of a row; ``fail(field, reason)`` for each thing that is not understood."""
        commune = self._commune(value, fail)
        referent = self._referents.get(value.referent or "")
        if value.referent and referent is None:
            fail("referent", "Ce référent n’a pas de compte dans la structure.")
        trades = tuple(dict.fromkeys(self._occupations(session, value, fail)))
        skills = dict(self._skills(session, value, fail))
        credentials = tuple(code for code in value.credentials if code in self._credentials)
        said = (replace(value, twin=False), commune, trades, sorted(skills.items()), referent)
        return PersonFacts(
            commune,
            self._places.departement(commune),
            trades,
            tuple(skills.items()),
            credentials,
            referent,
            hashlib.sha256(repr((said, credentials)).encode()).hexdigest(),
        )

    def _commune(self, value: PersonValue, fail: Fail) -> str | None:
        if not (value.insee or value.postal or value.city):
            return None
        found = None
        if value.insee or value.postal:
            found = self._places.find(insee=value.insee, postal=value.postal, name=value.city)
        if found is None and value.city:
            found = self._places.find_text(value.city)
        if found is None:
            field = "city" if value.city else "insee" if value.insee else "postal"
            fail(field, "La commune n’est pas connue ici, ou plusieurs sont possibles.")
        return found

    def _occupations(self, session: Session, value: PersonValue, fail: Fail) -> Iterator[str]:
        for text in value.trades:
            code = self._remember("trade", text, lambda text: self._occupation(session, text))
            if code:
                yield code
            else:
                fail("trades", f"« {shown(text)} » : métier à préciser sur la fiche.")

    def _occupation(self, session: Session, text: str) -> str | None:
        match = _ROME.search(text)
        if match:
            words = text.replace(match[0], " ").strip(" -:()")
            return self._trades.find(session, match[1].upper(), [words] if words else [])
        proposals = mm.resolve_occupations(session, text, 2)
        sure = mm.sure_occupation(proposals)
        return sure.code if sure else None

    def _skills(
        self, session: Session, value: PersonValue, fail: Fail
    ) -> Iterator[tuple[str, int]]:
        for text in value.skills:
            words = _BRACKETS.sub(" ", text).strip()
            code = self._remember("skill", words, lambda words: _skill(session, words))
            if code:
                yield code, level_in(text)
            else:
                fail("skills", f"« {shown(text)} » : savoir-faire à préciser sur la fiche.")

    def _remember(self, kind: str, text: str, find: Callable[[str], str | None]) -> str | None:
        key = (kind, fold(text))
        if key not in self._understood:
            if len(self._understood) >= _MOST_REMEMBERED:
                self._understood.clear()
            self._understood[key] = find(text)
        return self._understood[key]


def level_in(text: str) -> int:
    """« souder (avec aide) » → 1; a skill without a word on it is done alone."""
    words = fold(text)
    return next((level for pattern, level in _LEVELS if pattern.search(words)), _DEFAULT_LEVEL)


def _skill(session: Session, text: str) -> str | None:
    """The skill whose words these are: its code, its label, or its only sure reading."""
    if re.fullmatch(r"[\w.-]{3,80}", text) and session.get(Skill, text) is not None:
        return text
    matches = [m for m in mm.resolve_skills(session, text, 3) if m.kind == "skill"]
    if not matches or matches[0].score < _SURE_SKILL:
        return None
    lead = matches[0].score - matches[1].score if len(matches) > 1 else 100.0
    return matches[0].code if lead >= _SURE_LEAD else None


def family_of(session: Session, owner_id: int) -> frozenset[int]:
    """The structure, the one above, those below and beside: a Département and its services."""
    owner = session.get_one(Organisation, owner_id)
    top = owner.parent_id or owner.id
    query = select(Organisation.id).where(
        (Organisation.id == top) | (Organisation.parent_id.in_((top, owner.id)))
    )
    return frozenset(session.scalars(query)) | {owner_id}


def _referents(session: Session, owner_id: int) -> dict[str, int]:
    """{e-mail: account} of the référents and advisers of the family."""
    query = (
        select(Account.email, Account.id)
        .join(Membership, Membership.account_id == Account.id)
        .where(
            Membership.organisation_id.in_(family_of(session, owner_id)),
            Membership.role.in_((Role.REFERENT, Role.ADVISER)),
            Membership.active,
            Account.active,
        )
    )
    return dict(session.execute(query).all())

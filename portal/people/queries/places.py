"""The commune that somebody typed."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.models import Commune
from portal.text import fold, like_pattern

_MOST = 20


def prefix_pattern(text: str) -> str:
    """A LIKE pattern of what begins with ``text``, whose own wildcards count for nothing."""
    return like_pattern(text).removeprefix("%")


def list_communes(session: Session, text: str) -> list[Commune]:
    """The communes that « Arras », « 62000 », « 62041 » or « Arras (62000) » may mean.

    A whole name or a code comes before names that only start so; the most peopled first.
    """
    name, _, rest = text.partition("(")
    wanted, postal = fold(name).strip(), rest.strip(" )")
    if not wanted:
        return []
    signs = [
        Commune.search_name.like(prefix_pattern(wanted), escape="\\"),
        Commune.code == wanted.upper(),
    ]
    if wanted.isdigit() and len(wanted) == 5:
        signs.append(Commune.postal_codes.contains(wanted, autoescape=True))
    query = select(Commune).where(or_(*signs))
    if postal.isdigit():
        query = query.where(Commune.postal_codes.contains(postal, autoescape=True))
    exact_first = (Commune.search_name == wanted).desc()
    ordered = query.order_by(exact_first, Commune.population.desc().nulls_last(), Commune.name)
    return list(session.scalars(ordered.limit(_MOST)))


def find_commune(session: Session, text: str) -> Commune | None:
    """The one commune that the words say, None when none or several do."""
    found = list_communes(session, text)
    if len(found) == 1:
        return found[0]
    exact = [c for c in found if c.search_name == fold(text) or c.label == text.strip()]
    return exact[0] if len(exact) == 1 else None

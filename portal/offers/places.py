"""Communes and employers, looked up from what is typed."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process
from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.models import Commune, Establishment
from portal.text import fold, like_pattern

_MOST = 8
_LOOKS_ALIKE = 82.0
# Words that tell nothing apart: without them « SARL Dubois » and « Dubois TP » are compared.
_LEGAL_FORMS = frozenset(
    {"sarl", "sas", "sasu", "sa", "eurl", "sci", "scop", "ets", "etablissements", "entreprise"}
    | {"societe", "groupe", "et", "fils", "freres", "travaux", "publics", "tp", "btp"}
)


def find_communes(session: Session, text: str, limit: int = _MOST) -> list[Commune]:
    """Communes by name (accents and hyphens aside) or postal code; the exact and largest first."""
    wanted = _place_words(text)
    if len(wanted) < 2:
        return []
    begins = like_pattern(wanted)[1:]
    spelled = func.replace(Commune.search_name, "-", " ")
    query = (
        select(Commune)
        .where(
            Commune.postal_codes.like(f"%{wanted}%")
            if wanted.isdigit()
            else or_(spelled.like(begins, escape="\\"), spelled.like(f"% {begins}", escape="\\"))
        )
        .order_by(
            case((spelled == wanted, 0), (spelled.like(begins, escape="\\"), 1), else_=2),
            func.coalesce(Commune.population, 0).desc(),
            Commune.search_name,
        )
        .limit(limit)
    )
    return list(session.scalars(query))


def only_commune(found: Sequence[Commune], text: str) -> Commune | None:
    """The commune meant without doubt: its label, its only exact name, or the only one found."""
    wanted = _place_words(text)
    exact = [row for row in found if wanted in (_place_words(row.label), _spelled(row))]
    if len(exact) == 1:
        return exact[0]
    return found[0] if len(found) == 1 and wanted.isdigit() and len(wanted) == 5 else None


def _spelled(row: Commune) -> str:
    return row.search_name.replace("-", " ")


def _place_words(text: str) -> str:
    """« St-Omer (62500) » → « saint omer »; a postal code alone stays."""
    words = fold(text).replace("-", " ").replace("(", " ").replace(")", " ").split()
    if not words:
        return ""
    full = {"st": "saint", "ste": "sainte"}
    kept = [full.get(word, word) for word in words if not (word.isdigit() and len(words) > 1)]
    return " ".join(kept)


def find_establishment(session: Session, siret: str) -> Establishment | None:
    """The establishment of a SIRET."""
    return session.scalar(select(Establishment).where(Establishment.siret == siret))


def similar_establishments(session: Session, name: str, limit: int = 5) -> list[Establishment]:
    """Those whose name may be the same firm, nearest first: never the same employer twice."""
    wanted = _core_name(name)
    if len(wanted) < 2:
        return []
    rows = session.execute(select(Establishment.id, Establishment.search_name)).all()
    names = {row.id: _core_name(row.search_name) for row in rows}
    found = process.extract(
        wanted,
        names,
        scorer=fuzz.WRatio,
        processor=default_process,
        score_cutoff=_LOOKS_ALIKE,
        limit=limit,
    )
    order = {key: rank for rank, (_name, _score, key) in enumerate(found)}
    loaded = session.scalars(
        select(Establishment)
        .where(Establishment.id.in_(order))
        .options(joinedload(Establishment.commune))
    )
    return sorted(loaded, key=lambda row: order[row.id])


def same_name(rows: Sequence[Establishment], name: str) -> list[Establishment]:
    """Those with exactly this name, legal form aside."""
    return [row for row in rows if _core_name(row.search_name) == _core_name(name)]


def record_establishment(
    session: Session,
    *,
    name: str,
    siret: str | None,
    owner_id: int,
    commune: Commune | None = None,
    adviser_id: int | None = None,
) -> Establishment:
    """A new employer, flushed; the caller made sure that it was not known."""
    row = Establishment(
        name=name,
        search_name=fold(name),
        siret=siret,
        commune=commune,
        owner_id=owner_id,
        adviser_id=adviser_id,
        last_contact_on=clock.today(),
    )
    session.add(row)
    session.flush()
    return row


def _core_name(name: str) -> str:
    words = fold(name).replace("-", " ").replace("'", " ").split()
    return " ".join(word for word in words if word not in _LEGAL_FORMS) or " ".join(words)

"""Which employer is meant by what is typed: never the same firm twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext as _
from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access.actor import Actor
from portal.models import Commune, Establishment
from portal.offers.siret import SiretError, split_siret
from portal.text import fold

#: The choice « a new one » among those that look like what was typed.
NEW = "new"
_LOOKS_ALIKE = 82.0
# Words that tell nothing apart: without them « SARL Dubois » and « Dubois TP » are compared.
_LEGAL_FORMS = frozenset(
    {"sarl", "sas", "sasu", "sa", "eurl", "sci", "scop", "ets", "etablissements", "entreprise"}
    | {"societe", "groupe", "et", "fils", "freres", "travaux", "publics", "tp", "btp"}
)


@dataclass(frozen=True, slots=True)
class Meant:
    """``row``, the establishment; else ``problem``, and ``alike`` to choose from; else a new one.

    ``name`` and ``siret`` are what the words say.
    """

    row: Establishment | None = None
    name: str = ""
    siret: str | None = None
    alike: Sequence[Establishment] = ()
    problem: str = ""

    @property
    def is_new(self) -> bool:
        """Whether it is an employer that nobody knows here."""
        return self.row is None and not self.problem

    @property
    def is_homonym(self) -> bool:
        """Whether employers of this very name are known."""
        return bool(same_name(self.alike, self.name))


def read_employer(session: Session, text: str, *, chosen: str | None = None) -> Meant:
    """The employer of a name, a SIRET, or both, in either order.

    ``chosen`` settles a doubt: the public id of a look-alike, or :data:`NEW`. A SIRET that is new
    here is another establishment than those that have theirs, not than one noted without it: one
    of another SIRET is not taken for it, even chosen.
    """
    try:
        name, siret = split_siret(text)
    except SiretError as error:
        return Meant(problem=str(error))
    known = find_establishment(session, siret) if siret else None
    if known is not None or not name:
        return Meant(known, name, siret, problem="" if known else _no_name(siret))
    alike = similar_establishments(session, name)
    picked = [row for row in alike if row.public_id == chosen]
    if siret and any(row.siret for row in picked):
        return Meant(None, name, siret, alike, other_siret())
    same = picked or ([] if siret else same_name(alike, name))
    if len(same) == 1:
        return Meant(same[0], name, siret, alike)
    doubt = chosen != NEW and any(siret is None or row.siret is None for row in alike)
    problem = _("Des entreprises ont un nom proche. Choisissez la bonne.") if doubt else ""
    return Meant(None, name, siret, alike, problem)


def other_siret() -> str:
    """What is asked when the firm chosen is not the one of the number that was typed."""
    return str(
        _(
            "Le SIRET écrit n’est pas celui de cette entreprise. Effacez-le, ou choisissez une"
            " autre entreprise."
        )
    )


def _no_name(siret: str | None) -> str:
    if siret:
        return str(_("Ce SIRET est nouveau ici. Ajoutez le nom de l’entreprise devant."))
    return str(_("Donnez le nom de l’entreprise."))


def find_employer(session: Session, actor: Actor, text: str, *, chosen: str | None = None) -> Meant:
    """The same; a new one is made, which the actor's structure keeps."""
    meant = read_employer(session, text, chosen=chosen)
    if not meant.is_new:
        keep_siret(meant)
        return meant
    row = record_establishment(
        session, name=meant.name, siret=meant.siret, owner_id=actor.organisation.id
    )
    return replace(meant, row=row)


def keep_siret(meant: Meant) -> None:
    """One noted without its SIRET, chosen for what was typed with one, is asked about no more."""
    if meant.row is not None and meant.row.siret is None:
        meant.row.siret = meant.siret


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

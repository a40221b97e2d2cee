"""From the elements of an LHEO file to values and rejections, for versions 1.3, 2.2 and 2.3.

Rules of what is kept (docs/imports.md): a formation needs a title; a session needs both its dates,
in order; a session whose commune is not found is kept without one, and said in the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from lxml import etree

from portal import matchmaking as mm
from portal.imports import lheo_xml as xml
from portal.imports.base import Item, Rejection
from portal.imports.lheo_deducing import named_prerequisites, teaches_a_trade
from portal.imports.lheo_values import (
    ACTION,
    ORGANISATION,
    PROGRAM,
    SESSION,
    ActionValue,
    MeetingValue,
    OrganisationValue,
    Place,
    ProgramValue,
    SessionValue,
)
from portal.offers.siret import SiretError, checked_siret
from portal.text import fold

_LONGEST_TEXT = 20_000
_LONGEST_TITLE = 500
_MOST_FORMACODES = 40
_MOST_ROME_CODES = 40
_WIDEST_WEEK = 48.0

Remark = Callable[[int | None, str, str, str], None]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a version keeps things, from the element of one formation."""

    tag: str
    formation: str
    actions: str
    sessions: str
    organisers: str


# 1.3 has one action per offer, and gathers what 2.x spreads over the action.
LAYOUTS = {
    "1": Layout(
        "offre-formation",
        "action-formation",
        "organisation-formation",
        ".//sessions/session",
        "organismes",
    ),
    "2": Layout("formation", ".", "action", "session", "."),
}


@dataclass(frozen=True, slots=True)
class _Organiser:
    """Who runs the course; ``siret`` is None when absent or wrong (``wrong_siret`` then)."""

    name: str | None
    siret: str | None
    wrong_siret: str | None
    place: Place


def read_formation(
    element: etree._Element, layout: Layout, remark: Remark
) -> Iterator[Item | Rejection]:
    """Everything one formation brings, parents first. The element is changed.

    The organisation of each action is given as often as it is met.
    """
    line = xml.line_of(element)
    xml.strip_namespaces(element)
    formation = element.find(layout.formation)
    title = xml.text_of(
        formation, "intitule-formation", "intitule-action", "intitule", limit=_LONGEST_TITLE
    )
    if formation is None or title is None:
        yield Rejection(line, "intitule-formation", "La formation n’a pas d’intitulé.", PROGRAM)
        return
    root = element.find(layout.organisers)
    responsible = _organiser(root if root is not None else element)
    program = _program(element, formation, title, responsible)
    yield Item(program.key, program, line, PROGRAM)
    actions = element.findall(layout.actions)
    if not actions:
        yield Rejection(line, "action", f"« {title[:80]} » n’a aucune action.", ACTION)
    for action in actions:
        organiser = _organiser_of(action, responsible)
        if organiser.wrong_siret:
            remark(xml.line_of(action), "SIRET", _wrong_siret(organiser.wrong_siret), ACTION)
        yield from _read_action(action, program, organiser, layout)


def _program(
    element: etree._Element, formation: etree._Element, title: str, responsible: _Organiser
) -> ProgramValue:
    domain = "domaine-formation"
    formacodes = [
        code
        for code in xml.texts_of(
            formation, f"{domain}/code-FORMACODE", f"{domain}/codes-FORMACODE/code-FORMACODE"
        )
        if code.isdigit() and len(code) == 5
    ]
    romes = [
        code.upper()[:10]
        for code in xml.texts_of(formation, f"{domain}/code-ROME", f"{domain}/codes-ROME/code-ROME")
    ]
    rncp = xml.register_code("RNCP", xml.text_of(formation, "certification/code-RNCP"))
    rs = xml.register_code("RS", xml.text_of(formation, "certification/code-RS"))
    ref = xml.reference_of(element, title, responsible.siret or responsible.name, rncp, rs)
    columns: dict[str, object] = {
        "title": title,
        "search_title": fold(title),
        "objective": xml.text_of(formation, "objectif-formation", limit=_LONGEST_TEXT),
        "content": xml.text_of(formation, "contenu-formation", limit=_LONGEST_TEXT),
        "formacodes": "|".join(dict.fromkeys(formacodes[:_MOST_FORMACODES])),
        "rncp_code": rncp,
        "rs_code": rs,
        "certifying": xml.flag_of(formation, "certifiante", "diplomante"),
        "exit_level": xml.level_of(xml.text_of(formation, "code-niveau-sortie")),
    }
    return ProgramValue(ref, columns, tuple(dict.fromkeys(romes[:_MOST_ROME_CODES])))


def _organiser(root: etree._Element) -> _Organiser:
    """The trainer if it has a name or a number, else the organisation in charge."""
    trainer = root.find("organisme-formateur")
    charge = root.find("organisme-formation-responsable")
    name = xml.text_of(trainer, "raison-sociale-formateur") or xml.text_of(
        charge, "nom-organisme", "raison-sociale"
    )
    written = xml.text_of(trainer, "SIRET-formateur/SIRET") or xml.text_of(
        charge, "SIRET-organisme-formation/SIRET"
    )
    siret = _siret(written)
    place = xml.place_of(trainer, "contact-formateur/coordonnees/adresse") or xml.place_of(
        charge,
        "coordonnees-organisme/coordonnees/adresse",
        "contact-organisme/coordonnees/adresse",
    )
    return _Organiser(name, siret, written if written and not siret else None, place)


def _organiser_of(action: etree._Element, responsible: _Organiser) -> _Organiser:
    own = _organiser(action)
    return own if own.name or own.siret else responsible


def _wrong_siret(text: str) -> str:
    return (
        f"« {text[:20]} » n’est pas un SIRET : l’organisme est gardé par son nom, "
        "sans lien avec une structure."
    )


def _siret(text: str | None) -> str | None:
    digits = "".join((text or "").split())
    try:
        return checked_siret(digits) if digits.isdigit() else None
    except SiretError:
        return None


def _read_action(
    action: etree._Element, program: ProgramValue, organiser: _Organiser, layout: Layout
) -> Iterator[Item | Rejection]:
    line = xml.line_of(action)
    if organiser.siret:
        organisation = OrganisationValue(
            organiser.siret, organiser.name or organiser.siret, organiser.place
        )
        yield Item(organiser.siret, organisation, line, ORGANISATION)
    value = _action(action, program, organiser)
    yield Item(value.key, value, line, ACTION)
    sessions = action.findall(layout.sessions)
    if not sessions:
        title = str(program.columns["title"])[:80]
        yield Rejection(line, "session", f"« {title} » n’a aucune session.", SESSION)
    common = _SessionMaker(action, program, value)
    for session in sessions:
        yield common.read(session)


def _action(action: etree._Element, program: ProgramValue, organiser: _Organiser) -> ActionValue:
    address = "lieu-de-formation/coordonnees/adresse"
    place = xml.place_of(action, address, f"modalites-acces/{address}")
    where = "lieu-de-formation/coordonnees"
    total = xml.hours_of(
        action, "nombre-heures-total", "organisation-administrative/nombre-heures-total"
    )
    company = xml.hours_of(action, "nombre-heures-entreprise")
    center = xml.hours_of(action, "nombre-heures-centre")
    if center is None and total is not None:
        center = total - (company or 0) if total > (company or 0) else total
    columns: dict[str, object] = {
        "organiser_name": organiser.name,
        "organiser_siret": organiser.siret,
        "place_name": xml.text_of(
            action,
            f"{where}/adresse/denomination",
            f"modalites-acces/{where}/ligne",
            f"{where}/ligne",
            f"{where}/adresse/ville",
            f"modalites-acces/{where}/adresse/ville",
        ),
        "public_text": xml.text_of(action, "info-public-vise", limit=_LONGEST_TEXT),
        "prerequisites_text": xml.text_of(
            action,
            "conditions-specifiques",
            "conditions-pedagogiques/conditions-specifiques",
            limit=_LONGEST_TEXT,
        ),
        "hours_center": center,
        "hours_company": company,
        **_contact(action),
    }
    ref = xml.reference_of(action, organiser.siret or organiser.name, place, total)
    return ActionValue(program.ref, ref, columns)


def _contact(action: etree._Element) -> dict[str, object]:
    """The telephone and address of the place of training: never those of a named contact."""
    where = ("lieu-de-formation/coordonnees", "modalites-acces/lieu-de-formation/coordonnees")
    email = xml.text_of(action, *(f"{path}/courriel" for path in where))
    return {
        "contact_phone": xml.text_of(action, *(f"{p}/telfixe/numtel" for p in where), limit=32),
        "contact_email": email if email and "@" in email else None,
    }


class _SessionMaker:
    """Reads the sessions of one action: what they share is worked out once."""

    def __init__(self, action: etree._Element, program: ProgramValue, value: ActionValue) -> None:
        self._program, self._value = program, value
        columns, title = program.columns, str(program.columns["title"])
        address = "lieu-de-formation/coordonnees/adresse"
        self._place = xml.place_of(action, address, f"modalites-acces/{address}")
        self._remote = xml.text_of(action, "modalites-enseignement") == "1"
        self._hours = sum(
            hours
            for name in ("hours_center", "hours_company")
            if isinstance(hours := value.columns[name], int)
        )
        self._credentials = mm.recognise_credentials(f"{title}.\n{columns['objective'] or ''}")
        self._prerequisites = named_prerequisites(str(value.columns["prerequisites_text"] or ""))
        self._meetings = tuple(_action_meetings(action))

    def read(self, session: etree._Element) -> Item | Rejection:
        """One session, or why it cannot be kept."""
        line = xml.line_of(session)
        start = xml.day_of(session, "periode/debut")
        end = xml.day_of(session, "periode/fin")
        if start is None or end is None:
            which = "début" if start is None else "fin"
            return Rejection(
                line, "periode", f"La session n’a pas de date de {which} : à fixer.", SESSION
            )
        if end < start:
            return Rejection(line, "periode", "La session finit avant d’avoir commencé.", SESSION)
        value = self._session(session, start, end)
        return Item(value.key, value, line, SESSION)

    def _session(self, session: etree._Element, start: date, end: date) -> SessionValue:
        columns = self._program.columns
        certifying = bool(columns["rncp_code"])
        place = self._place or xml.place_of(session, "adresse-inscription/adresse")
        return SessionValue(
            program_ref=self._program.ref,
            action_ref=self._value.ref,
            ref=xml.reference_of(session, start, end, place),
            start=start,
            end=end,
            place=place,
            remote=self._remote,
            recruitment=xml.state_of(session),
            weekly_hours=_weekly_hours(self._hours, start, end),
            meetings=_distinct([*_session_meetings(session), *self._meetings]),
            title=str(columns["title"]),
            rome_codes=self._program.rome_codes,
            certifying=certifying,
            teaches_trade=teaches_a_trade(certifying, self._hours or None, start, end),
            credentials=self._credentials,
            prerequisites=tuple(c for c in self._prerequisites if c not in self._credentials),
        )


def _weekly_hours(hours: int, start: date, end: date) -> float | None:
    """The mean over the weeks of the session, by half hours; None when it makes no sense."""
    weeks = max((end - start).days + 1, 7) / 7
    mean = round(hours / weeks * 2) / 2
    return mean if 0 < mean <= _WIDEST_WEEK else None


def _session_meetings(session: etree._Element) -> Iterator[MeetingValue]:
    """Those of ``info-collective`` (regional extension) and of ``recrutement`` (2.3)."""
    for found in (*session.iter("info-collective"), *session.iterfind("recrutement")):
        yield from _meeting(found)


def _action_meetings(action: etree._Element) -> Iterator[MeetingValue]:
    """Those that stand for every session of the action."""
    for found in action.iterfind("info-collective"):
        yield from _meeting(found)
    on = xml.day_of(action, "date-information/date")
    if on is not None:
        info = action.find("adresse-information")
        place = _meeting_place(info) if info is not None else None
        yield MeetingValue(on, None, None, place, None)


def _meeting(found: etree._Element) -> Iterator[MeetingValue]:
    on = xml.day_of(found, "periode/date-deroulement", "periode/debut", "date", "date-deroulement")
    if on is not None:
        yield MeetingValue(
            on,
            xml.hour_of(found, "periode/heure-debut", "heure-debut"),
            xml.hour_of(found, "periode/heure-fin", "heure-fin"),
            _meeting_place(found),
            xml.count_of(found, "nb-places", "nombre-places", "nombre-de-places"),
        )


def _meeting_place(found: etree._Element) -> str | None:
    for path in ("lieu-deroulement/adresse", "lieu/adresse", "adresse"):
        address = found.find(path)
        parts = [
            text
            for name in ("denomination", "ligne", "codepostal", "ville")
            if (text := xml.text_of(address, name))
        ]
        if parts:
            return ", ".join(parts)[:255]
    return None


def _distinct(meetings: list[MeetingValue]) -> tuple[MeetingValue, ...]:
    """One per day and hour: the table keeps no more, and they would be the same meeting."""
    found: dict[tuple[date, str | None], MeetingValue] = {}
    for meeting in meetings:
        found.setdefault((meeting.on, meeting.start_hour), meeting)
    return tuple(found.values())

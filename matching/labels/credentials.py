"""Licences and certificates: the closed list Écluse knows, and how people write them.

``recognise`` reads free text (a note, a CV line, an offer) and names canonical types. It
says when it had to guess (« caces 3 » without its recommendation) so that a screen asks
instead of deciding, and when the text says the person or the offer does without.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

from matching.labels import caces
from matching.labels.normalise import fold


class CredentialType(NamedTuple):
    """One line of ``credentials.csv``.

    ``validity_years`` is None when it never expires or no rule says how long it holds;
    ``to_check`` marks a duration that depends on the case and must be confirmed.
    """

    type: str
    label: str
    family: str
    validity_years: int | None
    source: str
    to_check: bool


class Mention(NamedTuple):
    """A credential named in a text: its type, the (folded) words, and how sure that is."""

    type: str
    words: str
    certain: bool
    negated: bool = False


@cache
def credential_types() -> Mapping[str, CredentialType]:
    """The closed list, by type, in the order of the file."""
    text = files(__package__).joinpath("credentials.csv").read_text(encoding="utf-8")
    found = {row["type"]: _credential_type(row) for row in csv.DictReader(text.splitlines())}
    return MappingProxyType(found)


def _credential_type(row: Mapping[str, str]) -> CredentialType:
    years = int(row["validity_years"]) if row["validity_years"] else None
    to_check = row["to_check"] == "oui"
    return CredentialType(row["type"], row["label"], row["family"], years, row["source"], to_check)


_ITEM = (
    r"(?:am|a[12]?(?!\s+(?:jour|point|pied))|b\s?\+?\s?e|eb|b1?|c1?\s?e|e\s?\(?c\)?|c1?|d1?"
    r"|poids[ -]lourds?|pl|super[ -]lourds?|spl)"
)
_LICENCES = re.compile(
    rf"\bpermis\s*(?:de conduire\s*)?(?:\(|:|cat(?:egories?)?\.?\s*)?\s*"
    rf"(?P<items>{_ITEM}(?![a-z0-9'])(?:\s*(?:[,/+&\-]|\bet\b|\bou\b|\s(?=[bcd]))\s*(?:le\s|du\s)?"
    rf"(?:permis\s)?{_ITEM}(?![a-z0-9'])(?!\s+(?:jour|point)))*)"
)
_LICENCE_ITEM = re.compile(rf"(?<![a-z0-9]){_ITEM}(?![a-z0-9'])")
_LICENCE_TYPES = {
    "am": "permis_am", "a": "permis_a", "a1": "permis_a", "a2": "permis_a",
    "b": "permis_b", "b1": "permis_b", "be": "permis_be", "eb": "permis_be", "c": "permis_c",
    "poidslourd": "permis_c", "poidslourds": "permis_c", "pl": "permis_c",
    "ce": "permis_ce", "ec": "permis_ce", "c1": "permis_c1", "c1e": "permis_ce",
    "superlourd": "permis_ce", "superlourds": "permis_ce", "spl": "permis_ce",
    "d": "permis_d", "d1": "permis_d",
}  # fmt: skip

_OTHER_PERMITS = (
    r"(?:feu|unique|bateau|cotier|hauturier|fluvial|plaisance|moto|deux|2|cyclo|scooter"
    r"|remorque|bus|car|transports?|voyageurs|voiture|auto|vehicule|vl)\w*"
)
_AND_FCO = r"(?:\W+(?:et\W+|ou\W+)?fco)?"
_OF = r"\W+(?:\w+ de )?"
# (what is written, on folded text; the type; whether that is the only reading)
_PATTERNS = tuple(
    (re.compile(pattern), type_, certain)
    for pattern, type_, certain in (
        (r"\bpermis\s+(?:voiture|auto|vl|vehicule leger)\b", "permis_b", True),
        (r"\bpermis\s+(?:moto|deux[ -]roues|2 roues)\b", "permis_a", True),
        (r"\b(?:permis\s+(?:cyclo\w*|scooter)|bsr)\b", "permis_am", True),
        (r"\bpermis\s+remorque\b", "permis_be", True),
        (r"\bpermis\s+(?:de\s+)?(?:bus|car|transports? en commun|voyageurs)\b", "permis_d", True),
        (
            rf"\bpermis(?:\s+de\s+conduire)?\b(?!\s*(?:\(|:|cat\w*\.?)?\s*"
            rf"(?:de\b|d'|{_OTHER_PERMITS}|{_ITEM}(?![a-z0-9'])))",
            "permis_b",
            False,
        ),
        (rf"\bfimo\b(?={_AND_FCO}{_OF}voyageurs?)", "fimo_voyageurs", True),
        (rf"\bfco\b(?={_OF}voyageurs?)", "fco_voyageurs", True),
        (rf"\bfimo\b(?={_AND_FCO}{_OF}march)", "fimo_marchandises", True),
        (rf"\bfco\b(?={_OF}march)", "fco_marchandises", True),
        (rf"\bfimo\b(?!{_AND_FCO}{_OF}(?:voy|march))", "fimo_marchandises", False),
        (rf"\bfco\b(?!{_OF}(?:voy|march))", "fco_marchandises", False),
        (r"\badr\b", "adr_base", True),
        (
            r"\bcarte (?:de )?conducteur\b|\bcarte (?:chrono|tachy)\w*",
            "carte_conducteur_tachy",
            True,
        ),
        (r"\bsst\b|\b(?:sauveteurs?[ -])?secouris(?:te|me)s? du travail\b", "sst", True),
        (r"\baipr\W+(?:niveau\W+)?oper\w+", "aipr_operateur", True),
        (r"\baipr\W+(?:niveau\W+)?encad\w+", "aipr_encadrant", True),
        (r"\baipr\W+(?:niveau\W+)?concep\w+", "aipr_concepteur", True),
        (r"\baipr\b(?!\W+(?:niveau\W+)?(?:oper|encad|concep))", "aipr_operateur", False),
        (r"\btrava(?:il|ux) en hauteur\b|\bport du harnais\b", "travail_en_hauteur", True),
        (r"\bcqp[im]?\b|\bcertificats? de qualification professionnelle\b", "cqp", True),
        (r"\btitres? pro(?:fessionnels?)?\b", "titre_pro", True),
        (r"\bclea\b", "clea", True),
        (r"\bdeas\b|\bdiplome d'etat d'aide\W?soignant\w*", "deas", True),
        (r"\bdeaes\b|\bde aes\b|\bdiplome d'etat d'accompagnant educatif\w*", "deaes", True),
        (r"\bhaccp\b", "haccp", True),
        (r"\bssiap(?:\s*1\b|(?!\s*\d))", "ssiap_1", True),
        (
            r"\bcnaps\b|\bcarte pro(?:fessionnelle)?(?: d'agent)? (?:de )?securite\b",
            "carte_pro_securite",
            True,
        ),
    )
)
_ELECTRIC_CONTEXT = re.compile(r"\bhabilit\w*\s+elec\w*|\bhabilitations?\b")
_ELECTRIC_CODE = re.compile(
    r"(?:(?<![a-z0-9])|(?<=[bh]0))(h0v?|b0v?|b1v?|b2v|h1v?|h2v|br|bc|bs)(?=[bh]0|[^a-z0-9]|$)"
)
_ELECTRIC_TYPES = {
    "h0": "b0_h0", "h0v": "b0_h0", "b0": "b0_h0", "b0v": "b0_h0", "b1": "b1v", "b1v": "b1v",
    "h1": "b1v", "h1v": "b1v", "b2v": "b2v", "h2v": "b2v", "br": "br", "bc": "bc", "bs": "bs",
}  # fmt: skip
_ELECTRIC_ALONE = frozenset({"h0", "h0v", "b0", "b0v", "b1v", "b2v", "h1v", "h2v"})
_ELECTRIC_REACH = 60

_PREPOSITION = re.compile(r"(?<!\w)[àÀ](?!\w)")  # « à jour » names no category A
_GLUED = re.compile(r"(?<![a-z0-9])(r\s?[34]\d\d)(?=[a-g1-9])([a-g1-9])")  # « R482A »
_BEFORE_NEGATED = re.compile(
    r"(?:\bsans|\bni|\baucune?|\bpas(?: encore)?)(?:\s+(?:le|la|les|de|du|mon|son|d'))*\s*$"
)
_AFTER_NEGATED = re.compile(
    r"^\W*(?:n'est |est )?(?:non|pas)\s+"
    r"(?:exige|requis|necessaire|obligatoire|demande|indispensable)"
)


def recognise(text: str) -> tuple[Mention, ...]:
    """The credentials a text names, in the order of the text, each type once.

    A certain mention of a type hides an uncertain one.
    """
    folded = _GLUED.sub(r"\1 \2", fold(_PREPOSITION.sub(" ", text)))
    found = sorted(_mentions(folded), key=lambda m: (m[0], m[1], m[2]))
    kept: dict[str, Mention] = {}
    for start, end, type_, certain in found:
        negated = _is_negated(folded, start, end)
        mention = Mention(type_, folded[start:end].strip(), certain, negated)
        if type_ not in kept or (certain and not kept[type_].certain):
            kept[type_] = mention
    return tuple(kept.values())


def _mentions(text: str) -> Iterator[tuple[int, int, str, bool]]:
    yield from _licences(text)
    yield from caces.mentions(text)
    yield from _electric(text)
    for pattern, type_, certain in _PATTERNS:
        for match in pattern.finditer(text):
            yield match.start(), match.end(), type_, certain


def _licences(text: str) -> Iterator[tuple[int, int, str, bool]]:
    for match in _LICENCES.finditer(text):
        for item in _LICENCE_ITEM.finditer(match["items"]):
            key = re.sub(r"[\s\-()+]", "", item.group())
            yield match.start(), match.end(), _LICENCE_TYPES[key], True


def _electric(text: str) -> Iterator[tuple[int, int, str, bool]]:
    """Codes near the word « habilitation », or codes that mean nothing else."""
    contexts = [match.span() for match in _ELECTRIC_CONTEXT.finditer(text)]
    named = False
    for match in _ELECTRIC_CODE.finditer(text):
        near = any(end <= match.start() <= end + _ELECTRIC_REACH for _, end in contexts)
        if near or match[1] in _ELECTRIC_ALONE:
            named = True
            type_ = f"habilitation_electrique_{_ELECTRIC_TYPES[match[1]]}"
            yield match.start(), match.end(), type_, True
    if not named:
        for match in re.finditer(r"\bhabilit\w*\s+elec\w*", text):
            yield match.start(), match.end(), "habilitation_electrique_b0_h0", False


def _is_negated(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 40) : start], text[end : end + 40]
    return bool(_BEFORE_NEGATED.search(before) or _AFTER_NEGATED.search(after))

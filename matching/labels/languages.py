"""Languages in what people type: « anglais courant », « je parle arabe », « allemand B1 ».

A name of language is often something else (« restaurant chinois », « prof d'anglais »): it
counts when the words around it speak of speaking, or when nothing else is said.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from matching.labels.normalise import fold

_ARABICS = "litteraire|litteral|classique|moderne|dialectal|marocain|algerien|tunisien|egyptien"

# ISO 639 code: what it is called in French, and how people write it (folded, masculine).
LANGUAGES = {
    "fr": ("français", "francais(?: langue etrangere)?|fle"),
    "en": ("anglais", "anglais|english"),
    "de": ("allemand", "allemand|deutsch"),
    "nl": ("néerlandais", "neerlandais|hollandais|flamand"),
    "es": ("espagnol", "espagnol|castillan"),
    "it": ("italien", "italien"),
    "pt": ("portugais", "portugais(?: du bresil)?|bresilien"),
    "pl": ("polonais", "polonais"),
    "ro": ("roumain", "roumain"),
    "bg": ("bulgare", "bulgare"),
    "cs": ("tchèque", "tcheque"),
    "sk": ("slovaque", "slovaque"),
    "hu": ("hongrois", "hongrois"),
    "uk": ("ukrainien", "ukrainien"),
    "ru": ("russe", "russe"),
    "sq": ("albanais", "albanais"),
    "hy": ("arménien", "armenien"),
    "ka": ("géorgien", "georgien"),
    "sr": ("serbe", "serbe|serbo croate|serbo-croate|croate|bosniaque"),
    "el": ("grec", "grec"),
    "tr": ("turc", "turc"),
    "ku": ("kurde", "kurde|kurmandji|sorani"),
    "ar": ("arabe", rf"arabe(?: (?:{_ARABICS}))?|darija"),
    "ber": ("berbère", "berbere|kabyle|chleuh|amazigh|tamazight|tachelhit"),
    "fa": ("persan", "persan|farsi|dari"),
    "ps": ("pachto", "pachto|pachtou|pashto"),
    "ur": ("ourdou", "ourdou|urdu"),
    "bn": ("bengali", "bengali"),
    "hi": ("hindi", "hindi"),
    "ta": ("tamoul", "tamoul"),
    "zh": ("chinois", "chinois|mandarin|cantonais"),
    "ja": ("japonais", "japonais"),
    "vi": ("vietnamien", "vietnamien"),
    "km": ("khmer", "khmer|cambodgien"),
    "so": ("somali", "somali"),
    "ti": ("tigrinya", "tigrinya|tigrigna"),
    "am": ("amharique", "amharique"),
    "ln": ("lingala", "lingala"),
    "sw": ("swahili", "swahili"),
    "wo": ("wolof", "wolof"),
    "bm": ("bambara", "bambara|dioula|malinke"),
    "ff": ("peul", "peul|pular|poular"),
    "snk": ("soninké", "soninke"),
    "rcf": ("créole réunionnais", "creole reunionnais"),
    "gcf": ("créole antillais", "creole (?:antillais|guadeloupeen|martiniquais)"),
    "ht": ("créole haïtien", "creole haitien"),
    "crp": ("créole", "creole"),
    "rom": ("romani", "romani|manouche"),
    "pcd": ("picard", "picard|ch'?timi|ch'?ti"),
    "fsl": ("langue des signes française", "langue des signes(?: francaise)?|lsf"),
}  # fmt: skip
_NAMES = "|".join(words for _, words in LANGUAGES.values())
_NAME = re.compile(rf"(?<![a-z])(?P<name>{_NAMES})s?(?![a-z])")
_NEXT = re.compile(rf"[,;]|\bet\b|(?:{_NAMES})")
_CODES = tuple((code, re.compile(words)) for code, (_, words) in LANGUAGES.items())

# The levels of the Council of Europe (CEFR), and the words people use for them.
_LEVEL = re.compile(r"(?<![a-z0-9])(?P<level>[abc][12])(?![a-z0-9])")
_SPOKEN_LEVELS = (
    (re.compile(r"bilingue|langue maternelle|maternelle|natif"), "C2"),
    (re.compile(r"couramment|courant|fluent|operationnel|professionnel"), "C1"),
    (re.compile(r"bon niveau|avance|lu,? ?ecrit"), "B2"),
    (re.compile(r"intermediaire|niveau moyen|moyen"), "B1"),
    (re.compile(r"scolaire|notions?|bases?|debutant|un peu"), "A2"),
)
_AROUND = 32
_BEFORE = re.compile(
    r"(?:\bparl\w+|\blangues?|\bniveau|\bmaitris\w+|\bnotions?|\bbases?|\blire|\blis|\becri\w+"
    r"|\bcomprend\w*|\bbilingue|\bun peu|\bbon|\bcours)"
    r"(?:\s+(?:d'|de|du|en|le|la|l'|un|peu|pas|bien|couramment|:|et|ou|[a-z]+ais))*\s*$"
)
_AFTER = re.compile(
    r"^\W*(?:\(|:|niveau|langue)?\s*(?:[abc][12]\b|courant|couramment|bilingue|scolaire|notions?"
    r"|lu\b|parle|ecrit|maternel\w*|debutant|intermediaire|professionnel|technique|operationnel)"
)
_TRADE = re.compile(
    r"\b(?:prof\w*|enseign\w*|formateur|formatrice|traduct\w+|interpret\w+)\b[^,;]*$"
)
_NEGATED = re.compile(
    r"\b(?:sans|pas|aucune?|ni)"
    r"(?:\s+(?:d'|de|l'|l[ae]s?|en|un mot d'|parler|bons?|notions?|bases?|maitrise|niveau))*\s*$"
)
_FILLERS = re.compile(
    r"[\W\d_]|\b(?:et|ou|le|l|langue|langues|je|parle|parler|lu|ecrit|niveau"
    r"|commercial|technique|des|affaires?)\b"
)


class Spoken(NamedTuple):
    """A language named in a text: its ISO 639 code, its French name, and the CEFR level said.

    ``level`` is None when the text says none, or none that is clear.
    """

    code: str
    label: str
    level: str | None
    negated: bool = False


def recognise_languages(text: str) -> tuple[Spoken, ...]:
    """The languages that a text says someone speaks or must speak, each once, in its order."""
    folded = fold(text)
    alone = _says_nothing_else(folded)
    found: dict[str, Spoken] = {}
    for match in _NAME.finditer(folded):
        before, after = folded[: match.start()], folded[match.end() :]
        spoken = alone or _BEFORE.search(before[-_AROUND:]) or _AFTER.search(after)
        if spoken and not _TRADE.search(before):
            code = next(code for code, words in _CODES if words.fullmatch(match["name"]))
            negated = bool(_NEGATED.search(before))
            level = _level(before, after)
            found.setdefault(code, Spoken(code, LANGUAGES[code][0], level, negated))
    return tuple(found.values())


def without_languages(text: str) -> str:
    """A text, folded, without the names of languages, nor what is said of a level."""
    rest = _LEVEL.sub(" ", _NAME.sub(" ", fold(text)))
    for words, _ in _SPOKEN_LEVELS:
        rest = words.sub(" ", rest)
    return rest


def _says_nothing_else(text: str) -> bool:
    return not _FILLERS.sub("", without_languages(text))


def _level(before: str, after: str) -> str | None:
    """The level written nearest: after the name up to the next thing, else just before."""
    following = _NEXT.split(after[:_AROUND], maxsplit=1)[0]
    for place in (following, before[-_AROUND:]):
        if written := _LEVEL.search(place):
            return written["level"].upper()
        for words, level in _SPOKEN_LEVELS:
            if words.search(place):
                return level
        if _NAME.search(place):
            return None
    return None

"""One spelling for everything people type and everything a nomenclature prints.

``canonical`` folds accents, case and ligatures, reads the French ways of writing both
genders (« Maçon / Maçonne », « vendeur(euse) », « agent·e·s », « H/F »), brings words to
the masculine singular, expands the abbreviations of the trades and keeps numbers and
codes. Labels and queries go through the same function, so a rule that is linguistically
rough (« matière » becomes « matier ») costs nothing: both sides meet at the same form.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache

from matching.labels.vocabulary import (
    ABBREVIATIONS,
    IRREGULAR,
    STOP_WORDS,
)

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "’": "'"})
_ACCENTED = re.compile(r"[a-z][\u0300-\u036f]+")
# The accented letters of Europe, without their marks: nearly every text needs no more.
_UNMARKED = {
    code: decomposed[0]
    for code in range(0xC0, 0x180)
    if _ACCENTED.fullmatch(decomposed := unicodedata.normalize("NFKD", chr(code)))
}
_APOSTROPHES = re.compile(r"[‘ʼ`´′＇]")
_GENDER_MARK = re.compile(
    r"(?<![a-z0-9])\(?\s*(?:(?:h|m|w)\s?[/\-.|]\s?f|f\s?[/\-.|]\s?(?:h|m)|m\s?/\s?w)"
    r"(?:\s?[/\-.|]\s?(?:x|d|nb|n))?\s*\)?(?![a-z0-9])"
    r"|\((?:hf|fh)\)|(?<![a-z0-9])(?:hf|fh)\s*$|(?<=[a-z]{2})(?:h/f|f/h)(?![a-z0-9])"
    r"|\(\s*(?:hommes?\s*(?:/|et|ou)\s*femmes?|femmes?\s*(?:/|et|ou)\s*hommes?)\s*\)"
)
_SUFFIX = (
    r"(?:e|ne|se|te|le|ve|fe|re|euse|teuse|trice|rice|ice|ere|iere|enne|ienne|onne|ale|elle"
    r"|ive|sse|esse|eresse|eure|ante|ente)s?"
)
# « vendeur(euse)s », « agent·e·s », « ouvrier/ère », « administrateur-trice »
_INCLUSIVE = re.compile(
    rf"(?<=[a-z]{{3}})(?:\(-?{_SUFFIX}\)(?:\(?s\)?)?|[·•∙⋅‧]{_SUFFIX}(?:[·•∙⋅‧]s)?"
    rf"|\.{_SUFFIX}(?:\.s)?|/-?{_SUFFIX}|-(?:e|ne|euse|trice|rice|ere|iere|enne|se)(?:-s)?)"
    r"(?![a-z0-9]|-[a-z]{2})"
)
_PLURAL_MARK = re.compile(r"(?<=[a-z]{2})(?:\((?:s|x|es)\)|[·•]s)(?![a-z0-9])")
_ARTICLE_MARK = re.compile(r"\bun(?:\(e\)|[.·/-]e)(?![a-z])")
_ELISION = re.compile(r"\b(?:d|l|j|n|s|m|t|c|qu|jusqu|lorsqu)'")
_SYMBOLS = (("c++", " cplusplus "), ("c#", " csharp "), (".net", " dotnet "), ("&", " et "))
_CACES_NUMBER = re.compile(r"\br[\s.\-]{0,2}([34]\d\d)(m?)\b|(?<=caces )([34]\d\d)\b")
_CATEGORY_WORD = re.compile(
    r"(?:\b(?:cat|categorie)s?\b\.?)\s*(?=(?:[1-9][abc]?|10|[a-g][1-3]?)\b)"
)
_CATEGORY_SPLIT = re.compile(r"\b(r4\d\d|caces)\s+(\d)[\s.]([abc])\b")
_TOKEN = re.compile(r"[^\W_]+|/")
_WORD = re.compile(r"[^\W_]+")
_CODE_LETTERS = frozenset("abcdefg")
_CODE_LEADS = frozenset({"permis", "caces", "classe", "groupe", "type"})
_CONNECTORS = frozenset({"/", "ou", "et"})
_SOUND = "son"  # « technicien du son », but « pour son équipe »
_NEVER_PLURAL = ("ss", "us", "is", "as", "os")

# (ending, what replaces it, shortest word it applies to): the first that fits wins.
_FEMININE = (
    ("trice", "teur", 6),
    ("euse", "eur", 6),
    ("eure", "eur", 7),
    ("iere", "ier", 5),
    ("ere", "er", 6),
    ("enne", "en", 6),
    ("onne", "on", 6),
    ("anne", "an", 7),
    ("elle", "el", 6),
    ("ive", "if", 5),
    ("ale", "al", 6),
    ("ante", "ant", 7),
    ("ente", "ent", 6),
    ("inte", "int", 7),
    ("erte", "ert", 6),
    ("ate", "at", 6),
    ("ffe", "f", 5),
    ("ee", "e", 4),
)
_PLURALS = (("eaux", "eau", 5), ("aux", "al", 6), ("eux", "eux", 4))

# Endings that only say who does it, or that it is done: longest first.
_STEM_ENDINGS = (
    "issement", "issage", "isation", "ication", "ateur", "ation", "ement", "erie", "aire",
    "tion", "iste", "ment", "ique", "ance", "ence", "euse", "isme", "eur", "ier", "ien",
    "age", "ant", "ent", "ure", "ion", "ite", "age", "er", "if", "al", "el", "on", "e",
)  # fmt: skip
_SHORTEST_STEM = 4


def fold(text: str) -> str:
    """Lower case without accents, ligatures or repeated spaces; other characters stay.

    >>> fold("Œuvre d’ÉTÉ")
    "oeuvre d'ete"
    """
    text = " ".join(_APOSTROPHES.sub("'", text).casefold().split())
    if text.isascii():
        return text
    text = text.translate(_LIGATURES)
    unmarked = text.translate(_UNMARKED)
    if unmarked.isascii():
        return " ".join(unmarked.split())
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    # Decomposing may bring capitals back: « 𝐀 » is a compatibility form of « A ».
    return " ".join(plain.casefold().translate(_LIGATURES).split())


@lru_cache(maxsize=65536)
def masculine(word: str) -> str:
    """The masculine singular of a folded word, by rule; codes with digits stay as they are.

    >>> masculine("conductrices"), masculine("travaux"), masculine("r489")
    ('conducteur', 'travail', 'r489')
    """
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) < 4 or not word.isalpha():
        return word
    word = _singular(word)
    if word in IRREGULAR:
        return IRREGULAR[word]
    for ending, replacement, shortest in _FEMININE:
        if len(word) >= shortest and word.endswith(ending):
            return word[: -len(ending)] + replacement
    return word


def _singular(word: str) -> str:
    for ending, replacement, shortest in _PLURALS:
        if len(word) >= shortest and word.endswith(ending):
            return word[: -len(ending)] + replacement
    if word.endswith("s") and not word.endswith(_NEVER_PLURAL):
        return word[:-1]
    return word


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """What stays of a canonical word without the ending of the doer or of the deed.

    >>> stem("nettoyage") == stem("nettoyeur"), stem("restauration") == stem("restaurant")
    (True, True)
    """
    if not word.isalpha():
        return word
    for ending in _STEM_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word


def words(text: str) -> tuple[str, ...]:
    """The canonical words of a label, in order. Empty when it holds no letter or digit."""
    tokens = _TOKEN.findall(_prepare(fold(text)))
    expanded = [word for token in tokens for word in ABBREVIATIONS.get(token, (token,))]
    kept = _without_stop_words(expanded)
    merged = _merge_genders([masculine(word) for word in kept])
    return tuple(word for word in merged if word != "/")


def plain_words(text: str) -> list[str]:
    """The words of a sentence in the masculine singular: no gender mark nor abbreviation.

    For running text, where what :func:`words` looks for does not appear; several times faster.
    """
    found = _WORD.findall(fold(text))
    return [masculine(word) for word in found if len(word) > 1 and word not in STOP_WORDS]


def canonical(text: str) -> str:
    """The canonical words of a label, joined by one space.

    >>> canonical("Maçon / Maçonne VRD (H/F)")
    'macon voirie reseau divers'
    """
    return " ".join(words(text))


def without_words(text: str, dropped: Collection[str]) -> str:
    """A canonical text without some words; as it is when nothing else would be left.

    >>> without_words("faire course", {"faire"})
    'course'
    """
    return " ".join(word for word in text.split() if word not in dropped) or text


def without_gender_marks(text: str) -> str:
    """Folded text without « H/F » nor the endings that add the feminine or the plural."""
    text = _GENDER_MARK.sub(" ", _ARTICLE_MARK.sub(" ", text))
    return _PLURAL_MARK.sub("", _INCLUSIVE.sub("", text))


def _prepare(text: str) -> str:
    """Settle, on folded text, everything that punctuation says."""
    text = without_gender_marks(text)
    for symbol, name in _SYMBOLS:
        text = text.replace(symbol, name)
    text = _ELISION.sub(" ", text)
    text = _CACES_NUMBER.sub(lambda m: f" r{m.group(1) or m.group(3)} ", text)
    text = _CATEGORY_WORD.sub(" ", text)
    return _CATEGORY_SPLIT.sub(r"\1 \2\3", text)


def _without_stop_words(tokens: list[str]) -> list[str]:
    kept = [
        token
        for i, token in enumerate(tokens)
        if token not in STOP_WORDS
        or (token in _CODE_LETTERS and _names_a_code(tokens, i))
        or (token == _SOUND and _names_the_sound(tokens, i))
    ]
    return kept if any(token not in _CONNECTORS for token in kept) else tokens


def _names_a_code(tokens: list[str], position: int) -> bool:
    """Whether the single letter here is a category (« permis D ») and not « d' » or « à »."""
    before = tokens[position - 1] if position else ""
    return before in _CODE_LEADS or (before[:1] == "r" and before[1:].isdigit())


def _names_the_sound(tokens: list[str], position: int) -> bool:
    """Whether « son » is what the trade is about, and not « his »."""
    before = tokens[position - 1] if position else ""
    following = tokens[position + 1] if position + 1 < len(tokens) else "/"
    return before == "du" or following in _CONNECTORS


def _merge_genders(tokens: list[str]) -> list[str]:
    """Drop the second half of « X / X rest » once both halves read the same."""
    merged: list[str] = []
    i = 0
    while i < len(tokens):
        if tokens[i] not in _CONNECTORS:
            merged.append(tokens[i])
            i += 1
            continue
        following = tokens[i + 1 :]
        repeated = _overlap(merged, following)
        i += 1 + repeated
    return merged


def _overlap(left: list[str], right: list[str]) -> int:
    """How many words at the end of ``left`` open ``right`` again (the longest run)."""
    for size in range(min(len(left), len(right)), 0, -1):
        if left[-size:] == right[:size]:
            return size
    return 0

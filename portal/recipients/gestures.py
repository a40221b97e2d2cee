"""What a person may be asked about their skills: a plain sentence and a drawing for each.

The sentences are in ``data/gestures.csv``, in the first person, at most twelve words; they are
translated as the texts of the pages are: :func:`extract` hands them to the catalogues.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from flask_babel import get_locale, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Skill

FILE = Path(__file__).parent / "data" / "gestures.csv"

#: What anybody may have learnt at home or anywhere, asked when nothing tells more useful.
EVERYDAY_GROUPS = (
    "commun.base",
    "commun.etre",
    "bat.preparation",
    "aide.domicile",
    "log.manutention",
    "net.locaux",
    "resto.cuisine",
    "resto.service",
    "commun.securite",
    "vert.entretien",
)


@dataclass(frozen=True, slots=True)
class Gesture:
    """One skill as one asks a person: ``falc`` in French, ``pictogram`` in static/pictos/gestes."""

    skill_code: str
    falc: str
    pictogram: str

    @property
    def text(self) -> str:
        """The sentence in the language of the page."""
        return str(gettext(self.falc))

    @property
    def stays_french(self) -> bool:
        """Whether the page is in another language and the sentence is not."""
        locale = get_locale()
        return locale is not None and locale.language != "fr" and self.text == self.falc


@cache
def all_gestures() -> Mapping[str, Gesture]:
    """Every gesture by the code of its skill, in the order of the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["skill_code"]: Gesture(**row) for row in csv.DictReader(file)}


def everyday() -> Iterator[str]:
    """The codes of everyday gestures, the most common first."""
    for group in EVERYDAY_GROUPS:
        yield from (code for code in all_gestures() if code.startswith(f"{group}."))


def askable(session: Session) -> dict[str, Gesture]:
    """The gestures whose skill is in the reference, by the code that stands for the skill.

    A skill of ours that was confirmed to be one of ROME is found under ROME's code.
    """
    rows = session.execute(
        select(Skill.code, Skill.same_as_code).where(
            Skill.code.in_(all_gestures()), Skill.retired.is_(False)
        )
    )
    return {same_as or code: all_gestures()[code] for code, same_as in rows}


def extract(
    fileobj: BinaryIO,
    keywords: Iterable[str],  # noqa: ARG001 - what the catalogue tool hands to every extractor
    comment_tags: Iterable[str],  # noqa: ARG001
    options: Mapping[str, Any],
) -> Iterator[tuple[int, None, str, list[str]]]:
    """The sentences of a CSV file for Babel; the option ``column`` is « falc » unless said."""
    column = options.get("column", "falc")
    reader = csv.DictReader(io.StringIO(fileobj.read().decode("utf-8")))
    for row in reader:
        yield reader.line_num, None, row[column], []

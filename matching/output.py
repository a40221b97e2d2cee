"""Results as JSON lines, and the whole of a file or nothing."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TextIO

from matching.explanation import Explanation, RequirementReading, SessionOption
from matching.ranking import OfferRanking, Pair, PersonRanking
from matching.requirements import SubjectKind

_REASONS = {
    errno.ENOSPC: "le disque est plein",
    errno.EDQUOT: "votre part du disque est pleine",
    errno.EROFS: "ce disque est en lecture seule",
    errno.EACCES: "vous n’avez pas le droit d’y écrire",
    errno.EPERM: "vous n’avez pas le droit d’y écrire",
    errno.ENOENT: "son dossier n’existe pas",
    errno.ENOTDIR: "ce n’est pas un dossier",
    errno.EEXIST: "ce n’est pas un dossier",
    errno.EISDIR: "c’est un dossier",
    errno.EMFILE: "trop de fichiers sont ouverts",
}


def why_unwritable(error: OSError, where: object = "sortie") -> str:
    """What could not be written (``where`` when the error does not say) and why, in French."""
    why = _REASONS.get(error.errno or 0, error.strerror or error)
    return f"{error.filename or where}\u00a0: écriture impossible ({why})"


@contextmanager
def _whole_file(path: Path) -> Iterator[TextIO]:
    """A text file that appears at ``path`` only when the block ends well."""
    target = path.resolve()
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        # Over what a killed process of the same number may have left.
        with draft.open("w", encoding="utf-8", newline="\n") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(target)
    except OSError as error:
        error.filename = error.filename or str(path)
        raise
    finally:
        draft.unlink(missing_ok=True)


def write_lines(lines: Iterable[str], out: Path | None) -> None:
    """Write to standard output, or to a file that is left untouched unless all goes well.

    A device or a pipe (``/dev/stdout``) is written to directly. Raises ``OSError``.
    """
    if out is None:
        sys.stdout.writelines(f"{line}\n" for line in lines)
        sys.stdout.flush()
    elif out.exists() and not out.is_file() and not out.is_dir():
        with out.open("w", encoding="utf-8") as stream:
            stream.writelines(f"{line}\n" for line in list(lines))
    else:
        with _whole_file(out) as stream:
            stream.writelines(f"{line}\n" for line in lines)


def to_json(value: object) -> str:
    """One line of JSON, readable in French; a day as 2026-11-20."""
    return json.dumps(value, ensure_ascii=False, default=date.isoformat)


def person_ranking_json(ranking: PersonRanking) -> str:
    """The line of a person: the offers and the two counts."""
    offers = [{"offer": pair.offer, **_pair(pair)} for pair in ranking.offers]
    return to_json({"person": ranking.person, "offers": offers, **_counts(ranking)})


def offer_ranking_json(ranking: OfferRanking) -> str:
    """The line of an offer: the people and the two counts."""
    people = [{"person": pair.person, **_pair(pair)} for pair in ranking.people]
    return to_json({"offer": ranking.offer, "people": people, **_counts(ranking)})


def _counts(ranking: PersonRanking | OfferRanking) -> dict[str, int]:
    return {"out_of_reach": ranking.out_of_reach, "with_car": ranking.with_car}


def _pair(pair: Pair | Explanation) -> dict[str, object]:
    return {
        "group": pair.group,
        "ready_by": pair.ready_by.isoformat() if pair.ready_by else None,
        "unknown": pair.unknown,
        "doubt": pair.doubt,
        "gap": pair.gap,
        "desired_met": pair.desired_met,
        "minutes": shown_minutes(pair.minutes),
    }


def shown_minutes(minutes: float | None) -> float | None:
    """Rounded for display; null where nothing is known or nothing is travelled."""
    return None if minutes is None or minutes == float("inf") else round(minutes, 1)


def explanation_json(said: Explanation) -> str:
    """A pair with each requirement, the fact used and the sessions that cover a gap."""
    return to_json(
        {
            "person": said.person,
            "offer": said.offer,
            **_pair(said),
            "in_reach": said.in_reach,
            "with_car": said.with_car,
            "interest": said.interest.name.lower(),
            "step": said.step,
            "requirements": [_reading(reading) for reading in said.requirements],
        }
    )


def _reading(reading: RequirementReading) -> dict[str, object]:
    need = reading.requirement
    asked: dict[str, object] = {"kind": need.kind, reading.subject.kind.value: reading.subject.id}
    if reading.subject.kind is SubjectKind.SKILL:
        asked["level"] = need.level
    return {
        **asked,
        "class": reading.outcome,
        "decides": need.decides,
        "fact": _fact(reading),
        "backed_by": list(reading.backed_by),
        "sessions": [_option(option) for option in reading.sessions],
    }


def _fact(reading: RequirementReading) -> dict[str, object] | None:
    fact = reading.fact
    if fact is None:
        return None
    if fact.level is not None:
        return {"level": fact.level}
    return {"held": fact.held, "expiry": fact.expiry.isoformat() if fact.expiry else None}


def _option(option: SessionOption) -> dict[str, object]:
    return {
        "session": option.session,
        "start": option.start.isoformat(),
        "end": option.end.isoformat(),
        "remote": option.remote,
        "minutes": shown_minutes(option.minutes),
        "open": option.open,
        "obstacles": list(option.obstacles),
        "in_time": option.in_time,
        "covers_all": option.covers_all,
    }

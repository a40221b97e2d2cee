"""Good files for the command lines, and the arguments that name them."""

from __future__ import annotations

import json
from pathlib import Path

PERSON = {
    "id": "ada", "skills": {"pave": 2, "kerb": 0}, "credentials": {"caces": "2026-12-31"},
    "no_credentials": ["aipr"], "commune": "62041", "modes": ["bike", "bus"], "max_minutes": 45,
    "available_from": "2026-11-01", "interests": {"F1702": 1}, "last_proposed": None,
}  # fmt: skip
OFFER = {
    "id": "job", "occupation": "F1702", "commune": "62041", "start_wanted": "2026-12-10",
    "start_latest": "2027-01-31", "posts": 2, "requirements": [
        {"kind": "day_one", "skill": "pave", "level": 2},
        {"kind": "day_one", "skill": "kerb", "level": 1},
        {"kind": "desired", "credential": "caces"},
    ],
}  # fmt: skip
SESSION = {
    "id": "course", "start": "2026-12-01", "end": "2026-12-18", "commune": "62041",
    "seats_left": 4, "prerequisites": [{"skill": "pave", "level": 1}, {"credential": "b"}],
    "teaches": {"kerb": 2}, "delivers": ["aipr"],
}  # fmt: skip
COMMUNES = "code_insee,nom,latitude,longitude\n62041,Arras,50.293,2.782\n62042,Ailleurs,,\n"
SKILLS = "skill,label,group\npave,Poser des pavés,roads\nkerb,Poser des bordures,roads\n"
OCCUPATIONS = "occupation,label,core_skills,neighbours\nF1702,Routes,pave|kerb,F1701|K2204\n"


def write_files(folder: Path) -> None:
    """Write one good file of each kind."""
    for name, records in (("people", [PERSON]), ("offers", [OFFER]), ("sessions", [SESSION])):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))
    (folder / "communes.csv").write_text(COMMUNES, encoding="utf-8")
    (folder / "skills.csv").write_text(SKILLS, encoding="utf-8")
    (folder / "occupations.csv").write_text(OCCUPATIONS, encoding="utf-8")


def arguments(command: str, files: Path, *more: str) -> list[str]:
    names = ("people", "offers", "sessions")
    given = [part for name in names for part in (f"--{name}", str(files / f"{name}.jsonl"))]
    given += ["--communes", str(files / "communes.csv"), "--today", "2026-11-20", *more]
    return [command, *given]

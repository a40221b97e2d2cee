"""The documents stay true: links lead somewhere, commands exist, examples answer what is shown."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import click
import pytest

from portal.cli import main

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
MEASURE = re.compile(r"~?[\d.,]+\s(ms|s|m|km|MB|GB|%)\b")
CALL = re.compile(r"(?:^(?:\$ )?|/bin/|&& |time )ecluse((?: [^\s`]+)+)")
SHELL = {"sh", "console", "ini"}


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def snippets(page: Path) -> Iterator[str]:
    """What the page gives to type: lines of shell blocks, and code in sentences."""
    text = page.read_text(encoding="utf-8")
    for language, block in FENCE.findall(text):
        if language in SHELL:
            yield from block.replace("\\\n", " ").splitlines()
    yield from CODE.findall(FENCE.sub("", text))


def anchors(page: Path) -> set[str]:
    """The fragments that the headings of a page make."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    titles = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_a_file_and_a_heading(page: Path) -> None:
    broken = []
    for link, picture in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        target, _, anchor = (link or picture).partition("#")
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path = (page.parent / target).resolve() if target else page
        if not path.exists() or (anchor and anchor not in anchors(path)):
            broken.append(link or picture)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_make_targets_exist(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    named = {
        word
        for snippet in snippets(page)
        for words in re.findall(r"(?:^|\s)make((?: [a-z][a-z-]*\b(?!=))+)", snippet.split("#")[0])
        for word in words.split()
    }
    assert named - targets == set()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_and_their_options_exist(page: Path) -> None:
    problems = []
    for snippet in snippets(page):
        for given in CALL.findall(snippet.split(" #")[0]):
            problems += unknown_words(given.split())
    assert problems == []


def unknown_words(words: list[str]) -> list[str]:
    """The sub-commands and options of ``ecluse WORDS`` that do not exist."""
    command: click.Command = main
    context = click.Context(main, info_name="ecluse")
    unknown = []
    while words and isinstance(command, click.Group) and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        if found is None:
            return [f"ecluse {words[0]}"]
        command, words = found, words[1:]
    options = {text for parameter in command.params for text in parameter.opts} | {"--help", "-h"}
    unknown += [word for word in words if word.startswith("--") and word not in options]
    return unknown


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_modules_and_scripts_that_are_run_exist(page: Path) -> None:
    missing = []
    for snippet in snippets(page):
        modules = re.findall(r"python -m ([\w.]+)", snippet)
        missing += [module for module in modules if find_spec(module) is None]
        scripts = re.findall(r"(?:^|\s)(scripts/[\w./-]+\.(?:py|sh))", snippet)
        missing += [script for script in scripts if not (ROOT / script).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_measured_figures_say_the_command_that_prints_them(page: Path) -> None:
    unsaid = []
    blocks = page.read_text(encoding="utf-8").split("\n\n")
    for block, following in zip(blocks, [*blocks[1:], ""], strict=True):
        rows = [line.strip("|").split("|") for line in block.splitlines() if line.startswith("|")]
        if any(MEASURE.match(cell.strip()) for row in rows for cell in row) and not re.match(
            r"Printed by `[^`]+`", following.replace("\n", " ")
        ):
            unsaid.append(block.splitlines()[0])
    assert unsaid == []


def test_every_document_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    missing = [
        name(page)
        for page in DOCS.rglob("*.md")
        if page.name != "README.md" and f"({page.relative_to(DOCS).as_posix()})" not in index
    ]
    assert missing == []


def test_every_setting_of_the_environment_is_documented() -> None:
    sources = ("portal/config.py", "portal/message_settings.py")
    code = "".join((ROOT / source).read_text("utf-8") for source in sources)
    read = set(re.findall(r"\"(ECLUSE_\w+)\"", code))
    told = set(re.findall(r"^\| `(ECLUSE_\w+)`", (DOCS / "deploying.md").read_text("utf-8"), re.M))
    assert read == told


def console(page: Path) -> Iterator[tuple[str, str]]:
    """Each command of the console blocks of a page, with what it is said to answer."""
    for language, block in FENCE.findall(page.read_text(encoding="utf-8")):
        if language != "console":
            continue
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, answer = re.split(r"(?<!\\)\n", part, maxsplit=1)
            yield command, answer


@pytest.mark.parametrize(("command", "answer"), [*console(DOCS / "engine.md")])
def test_examples_of_the_engine_answer_what_is_shown(command: str, answer: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    run = subprocess.run(
        command,
        shell=True,
        cwd=DOCS / "examples" / "engine",
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
    )
    assert run.stdout + run.stderr == answer


@pytest.mark.parametrize(("picture", "width"), [("offer.png", 1280), ("day.png", 360)])
def test_pictures_have_the_width_they_are_for(picture: str, width: int) -> None:
    head = (DOCS / "img" / picture).read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    assert struct.unpack(">I", head[16:20])[0] == width


def test_the_drawing_is_well_formed_and_described() -> None:
    root = ElementTree.parse(DOCS / "img" / "architecture.svg").getroot()
    described = {child.get("id") for child in root if child.tag.endswith(("title", "desc"))}
    assert set((root.get("aria-labelledby") or "").split()) == described

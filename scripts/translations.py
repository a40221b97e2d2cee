"""The catalogues of the recipient's pages: extract, update, compile, check.

``make translations`` runs ``update``: the strings of ``babel-recipients.cfg`` go to
``portal/translations/recipients.pot``, every language takes the new ones (nothing is guessed: no
fuzzy entry), and what Flask reads (``messages.mo``) is compiled. ``check`` says what a translator
still has to do, and fails if there is anything.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "portal" / "translations"
TEMPLATE = CATALOGUES / "recipients.pot"
MAPPING = ROOT / "scripts" / "babel-recipients.cfg"
LANGUAGES = ("en", "ar", "uk")
_KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "_l": None, "lazy_gettext": None}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
#: A date in a header would make every run a change.
_VOLATILE = (
    "POT-Creation-Date",
    "PO-Revision-Date",
    "Generated-By",
    "Last-Translator",
    "Language-Team",
    "Report-Msgid-Bugs-To",
)
_HEADER = "# What the accompanied person reads (make translations).\n#"


def extract() -> Catalog:
    """The strings of the recipient's pages as they are in the sources now."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    with MAPPING.open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    catalogue = Catalog(project="ecluse", version="1", charset="utf-8")
    found = extract_from_dir(
        ROOT, methods, options, keywords=_KEYWORDS, comment_tags=("Translators:",)
    )
    for path, _line, message, comments, context in sorted(found, key=lambda row: (row[0], row[1])):
        catalogue.add(message, None, [(path, 0)], auto_comments=comments, context=context)
    return catalogue


def po_path(language: str) -> Path:
    """Where a language's catalogue is."""
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    """A language's catalogue; an empty one if it has none yet."""
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language, project="ecluse", version="1", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalogue: Catalog) -> bytes:
    """The bytes of ``messages.mo``: the same catalogue gives the same file."""
    buffer = io.BytesIO()
    write_mo(buffer, _Undated(catalogue))
    return buffer.getvalue()


class _Undated:
    """A catalogue as the compiler reads it, without the lines of the header that change."""

    def __init__(self, catalogue: Catalog) -> None:
        self.catalogue, self.charset = catalogue, catalogue.charset

    def __iter__(self) -> Iterator[Message]:
        header, *messages = self.catalogue
        lines = str(header.string).splitlines(keepends=True)
        header.string = "".join(line for line in lines if not line.startswith(_VOLATILE))
        yield header
        yield from messages


def as_text(catalogue: Catalog) -> bytes:
    """The bytes of a ``.po`` or ``.pot``: the same catalogue gives the same file."""
    catalogue.header_comment, catalogue.fuzzy = _HEADER, False
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=0, include_lineno=False, ignore_obsolete=True)
    kept = [
        line
        for line in buffer.getvalue().decode().splitlines(keepends=True)
        if not line.lstrip('"').startswith(_VOLATILE)
    ]
    return "".join(kept).encode()


def update() -> None:
    """Bring the template, the catalogues and what Flask reads up to the sources."""
    template = extract()
    CATALOGUES.mkdir(exist_ok=True)
    TEMPLATE.write_bytes(as_text(template))
    for language in LANGUAGES:
        catalogue = read(language)
        catalogue.update(template, no_fuzzy_matching=True)
        path = po_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_text(catalogue))
        # From the file, so that both always say the same.
        path.with_suffix(".mo").write_bytes(compiled(read(language)))


def problems(language: str) -> list[str]:
    """What is wrong or missing in a language, one line each."""
    catalogue, found = read(language), []
    for source in extract():
        if not source.id:
            continue
        message = catalogue.get(source.id, source.context)
        name = f"{language}: {_forms(source.id)[0][:60]!r}"
        if message is None:
            found.append(f"{name}: not in the catalogue")
        else:
            found += [f"{name}: {problem}" for problem in _message_problems(catalogue, message)]
    mo = po_path(language).with_suffix(".mo")
    if not mo.exists() or mo.read_bytes() != compiled(catalogue):
        found.append(f"{language}: messages.mo is not the compiled messages.po")
    return found


def _message_problems(catalogue: Catalog, message: Message) -> Iterator[str]:
    """A fuzzy, missing or partial translation, a placeholder lost or invented."""
    if message.fuzzy:
        yield "fuzzy"
    said = _forms(message.string)
    if not all(form.strip() for form in said):
        yield "not translated"
        return
    if message.pluralizable and len(said) != catalogue.num_plurals:
        yield f"{len(said)} plural forms instead of {catalogue.num_plurals}"
    wanted = _placeholders(_forms(message.id)[-1])
    for form in said:
        # « One person » need not hold the number.
        optional = {"%(num)s", "%(num)d"} if message.pluralizable else set()
        if wanted - optional != _placeholders(form) - optional:
            yield f"placeholders differ in {form[:60]!r}"


def _placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))


def _forms(value: str | list[str] | tuple[str, ...]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def check() -> int:
    """Print what is wrong in every language; 1 if anything is."""
    found = [problem for language in LANGUAGES for problem in problems(language)]
    if not TEMPLATE.exists() or TEMPLATE.read_bytes() != as_text(extract()):
        found.append("recipients.pot is behind the sources: run make translations")
    print("\n".join(found) or "every language is complete")
    return 1 if found else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["check"]:
        sys.exit(check())
    update()

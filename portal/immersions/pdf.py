"""A convention as a PDF, drawn by a process of its own.

WeasyPrint draws with system libraries (Pango, HarfBuzz) that may be missing: the rest of the portal
does without. Where it had drawn in the process that serves, that process could crash hundreds of
pages later, in the middle of something else, its memory overwritten (seen with Python 3.11): a
process that draws one document and ends cannot harm another.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from portal.assets import STATIC

_SHEET = "css/convention.css"
#: What the drawing process ends with when it has not what it draws with (EX_UNAVAILABLE).
_UNAVAILABLE = 69
#: A sheet takes about a second; one that takes so long will never end.
_MOST_SECONDS = 60


class PdfUnavailableError(RuntimeError):
    """The libraries that draw pages are not installed on this machine."""


def make_pdf(html: str) -> bytes:
    """An accessible PDF (PDF/UA-1) of a whole HTML page; nothing is fetched from anywhere.

    Raises :class:`PdfUnavailableError` when WeasyPrint or its system libraries are missing, and
    ``subprocess.SubprocessError`` when the page cannot be drawn.
    """
    made = subprocess.run(  # noqa: S603 -- our own interpreter
        [sys.executable, "-m", __name__],
        input=html.encode(),
        stdout=subprocess.PIPE,
        timeout=_MOST_SECONDS,
    )
    if made.returncode == _UNAVAILABLE:
        raise PdfUnavailableError
    made.check_returncode()
    return made.stdout


def _draw(html: str) -> bytes:
    """The document, drawn here."""
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols=["data"])
    style = CSS(string=Path(STATIC, _SHEET).read_text(encoding="utf-8"), url_fetcher=fetcher)
    page = HTML(string=html, url_fetcher=fetcher)
    return bytes(page.write_pdf(stylesheets=[style], pdf_variant="pdf/ua-1") or b"")


def _main() -> int:
    """Draw what comes in; what is missing is written with the errors of the server."""
    html = sys.stdin.buffer.read().decode()
    try:
        document = _draw(html)
    except (ImportError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return _UNAVAILABLE
    sys.stdout.buffer.write(document)
    return 0


if __name__ == "__main__":
    raise SystemExit(_main())

"""A convention as a PDF. WeasyPrint is loaded when it is first needed: its system libraries
(Pango) may be missing, and the rest of the portal does without."""

from __future__ import annotations

from pathlib import Path

from portal.assets import STATIC

_SHEET = "css/convention.css"


class PdfUnavailableError(RuntimeError):
    """The libraries that draw pages are not installed on this machine."""


def make_pdf(html: str) -> bytes:
    """An accessible PDF (PDF/UA-1) of a whole HTML page; nothing is fetched from anywhere.

    Raises :class:`PdfUnavailableError` when WeasyPrint or its system libraries are missing.
    """
    try:
        from weasyprint import CSS, HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:
        raise PdfUnavailableError(str(error)) from error
    fetcher = URLFetcher(allowed_protocols=["data"])
    style = CSS(string=Path(STATIC, _SHEET).read_text(encoding="utf-8"), url_fetcher=fetcher)
    page = HTML(string=html, url_fetcher=fetcher)
    document = page.write_pdf(stylesheets=[style], pdf_variant="pdf/ua-1")
    return bytes(document or b"")

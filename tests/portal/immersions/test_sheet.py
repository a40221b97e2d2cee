"""The convention on paper: a PDF that a real reader opens, with everything the law asks."""

from __future__ import annotations

import builtins
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.immersions.pdf import PdfUnavailableError, make_pdf
from tests.conftest import skip_or_fail
from tests.portal.immersions.conftest import SIRET, Place
from tests.support.client import CheckingClient, sign_in


@pytest.fixture
def reader() -> None:
    """Poppler, which reads PDFs."""
    if not shutil.which("pdftotext") or not shutil.which("pdftoppm"):
        skip_or_fail("browser", "poppler-utils is not installed (pdftotext, pdftoppm)")


def run(*command: str | Path) -> bytes:
    return subprocess.run([str(part) for part in command], check=True, capture_output=True).stdout


def test_a_real_reader_opens_the_convention(
    client: CheckingClient, session: Session, place: Place, tmp_path: Path, reader: None
) -> None:
    row = place.validated(weekly_hours=32.5, tutor_role="chef d’équipe")
    sign_in(client, session, place.referent)
    response = client.get(f"/immersions/{row.public_id}/convention.pdf")
    assert response.mimetype == "application/pdf"
    file = tmp_path / "convention.pdf"
    file.write_bytes(response.data)
    words = re.sub(r"\s+", " ", run("pdftotext", "-layout", file, "-").decode())
    referent = place.referent.memberships[0].organisation.name
    for fact in (
        "Amina Bertinval",
        "Travaux Bellonne",
        referent,
        f"{row.start.day} " if row.start.day > 1 else "1er ",
        str(row.start.year),
        "32,5 heures par semaine",
        "Du lundi au vendredi, 8 h à 16 h",
        "découvrir un métier",
        "Voir si le métier convient",
        "Niveler",
        "Poser une bordure",
        "Bruno Caslier, chef d’équipe",
        "AT/MP",
        "pas payée",
        "Le prescripteur",
        "Signé par Camille",
    ):
        assert fact.replace("\u00a0", " ") in words, fact
    assert SIRET in re.sub(r"\s", "", words)
    assert "1996" not in words, "no birth date on a sheet that the firm keeps"
    run("pdftoppm", "-r", "50", "-png", file, tmp_path / "page")
    pages = list(tmp_path.glob("page*.png"))
    assert 1 <= len(pages) <= 3
    assert all(page.stat().st_size > 5_000 for page in pages)
    assert re.search(rb"Tagged:\s+yes", run("pdfinfo", file)), "read aloud in the right order"


def test_a_draft_says_that_it_is_not_to_be_signed(
    client: CheckingClient, session: Session, place: Place
) -> None:
    row = place.prepared()
    sign_in(client, session, place.referent)
    page = client.get(f"/immersions/{row.public_id}/convention").text
    assert "ne pas signer avant" in page
    assert "Nom, date et signature" in page


def test_the_employer_reads_the_convention_of_its_own(
    client: CheckingClient, session: Session, place: Place
) -> None:
    row = place.signed(place.prepared())
    sign_in(client, session, place.employer)
    response = client.get(f"/entreprise/accueils/{row.public_id}/convention.pdf")
    assert response.data.startswith(b"%PDF-")


def test_without_the_libraries_the_page_is_printed_instead(
    client: CheckingClient, session: Session, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("weasyprint"):
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(PdfUnavailableError):
        make_pdf("<p>")
    row = place.prepared()
    sign_in(client, session, place.referent)
    page = client.get(f"/immersions/{row.public_id}/convention.pdf")
    assert page.mimetype == "text/html"
    assert "imprimez cette page" in page.text
    assert "Amina Bertinval" in page.text


def test_nothing_is_fetched_for_a_pdf(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    document = tmp_path / "sheet.pdf"
    link = f'<link rel="attachment" href="file://{secret}">'
    html = f'<html lang="fr"><title>T</title>{link}<p>Bonjour<img src="file://{secret}" alt="x">'
    document.write_bytes(make_pdf(html))
    assert b"EmbeddedFile" not in document.read_bytes()

"""Make the pictures of the README from the demonstration: ``make screenshots``.

Starts ``ecluse demo`` on a free port with a temporary home, signs in with accounts that it
prints, takes the pictures and stops it. The territory is drawn from one seed and dated from
today: two runs on a day give the same pictures. Needs Chromium (``chromium`` in the PATH).
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "img"
READY = "Écluse est servie"
CHROMIUM = (
    "--headless",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Demo:
    """A running demonstration: its address, and what it said on the terminal."""

    url: str
    said: str

    def find(self, pattern: str) -> str:
        """The first group of a pattern in what was said; stops the script when it is not there."""
        found = re.search(pattern, self.said, re.MULTILINE)
        if found is None:
            sys.exit(f"the demonstration no longer says {pattern!r}")
        return found[1]

    @property
    def password(self) -> str:
        """The password of every demonstration account."""
        return self.find(r"^Mot de passe de tous les comptes.*: (\S+)$")

    def account(self, role: str) -> str:
        """The address of the first account of a role."""
        return self.find(rf"^ +(\S+@\S+) +{re.escape(role)}")


@contextmanager
def demonstration() -> Iterator[Demo]:
    """Start it in a temporary home, and stop it at the end."""
    with tempfile.TemporaryDirectory(prefix="ecluse-") as home:
        port = _free_port()
        command = [sys.executable, "-m", "portal.cli", "demo", "--home", home, "--port", str(port)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            yield Demo(f"http://127.0.0.1:{port}", _wait(process))
        finally:
            process.terminate()
            process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[str]) -> str:
    """What is printed until the server is about to listen."""
    said = []
    for line in process.stdout or ():
        said.append(line)
        if READY in line:
            return "".join(said)
    sys.exit("the demonstration stopped before it was served")


@contextmanager
def signed_in(browser: Browser, demo: Demo, role: str, width: int, height: int) -> Iterator[Page]:
    """A page of a window of this size, signed in as the first account of a role."""
    context = browser.new_context(
        base_url=demo.url,
        viewport={"width": width, "height": height},
        locale="fr-FR",
        timezone_id="Europe/Paris",
        reduced_motion="reduce",
    )
    page = context.new_page()
    _open(page, "/compte/connexion")
    page.fill("input[name=email]", demo.account(role))
    page.fill("input[name=password]", demo.password)
    page.click("main form button[type=submit]")
    page.wait_for_url(lambda url: "/connexion" not in url)
    yield page
    context.close()


def _open(page: Page, path: str) -> None:
    """Go there; the server may still be starting."""
    for _ in range(50):
        try:
            page.goto(path, wait_until="networkidle")
        except Exception as error:
            if "ERR_CONNECTION_REFUSED" not in str(error):
                raise
            page.wait_for_timeout(200)
        else:
            return
    sys.exit("the demonstration does not answer")


def take_offer(page: Page, title: str) -> None:
    """The people of an offer of this title, in five groups."""
    _open(page, f"/offres/?{urlencode({'vue': 'mine', 'q': title})}")
    page.get_by_role("link", name=title, exact=True).first.click()
    page.wait_for_load_state("networkidle")
    # The longest band, folded by hand, lets the picture show all five.
    page.locator("summary", has_text="À vérifier d’abord").click()
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    bands = page.locator(".bands").bounding_box()
    assert bands is not None, "the offer has no bands"
    page.set_viewport_size({"width": 1280, "height": round(bands["y"] + bands["height"]) + 60})
    page.screenshot(path=PICTURES / "offer.png", animations="disabled", caret="hide")


def take_day(page: Page) -> None:
    """« Ma journée », on a phone."""
    _open(page, "/")
    page.screenshot(path=PICTURES / "day.png", animations="disabled", caret="hide")


def main() -> int:
    """Take both pictures."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("Chromium is missing: install the package « chromium ».", file=sys.stderr)
        return 2
    PICTURES.mkdir(parents=True, exist_ok=True)
    with demonstration() as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM))
        with signed_in(browser, demo, "Conseiller", 1280, 1100) as page:
            take_offer(page, demo.find(r"^Offre : ([^,]+), "))
        with signed_in(browser, demo, "Référent", 360, 800) as page:
            take_day(page)
        browser.close()
    print(f"offer.png and day.png are in {PICTURES.relative_to(ROOT)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Write uv.lock, constraints.txt and constraints-dev.txt from pyproject.toml.

`make lock` keeps the versions of the present lock as far as pyproject.toml allows;
`make lock UPGRADE=1` takes the newest ones. See docs/decisions/0003-locking.md.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = "uv.lock"

# Our own settings send uv to the wheelhouse; resolving needs the machine's usual registry.
UV_SETTINGS = re.compile(r"^\[tool\.uv\]\n(?:(?!\[).*\n?)*", re.MULTILINE)
REGISTRY = re.compile(r'registry = "[a-z]+://[^"]+"')
REMOTE_FILE = re.compile(r'\{ url = "[^"]+/([^"/]+)", hash = "([^"]+)"[^}]*\}')

EXPORTS = {
    "constraints.txt": ("--no-default-groups", "--group", "build"),
    "constraints-dev.txt": ("--only-group", "dev"),
}
EXPORT_OPTIONS = ("--no-emit-project", "--no-header", "--no-annotate", "--frozen", "--quiet")


def main() -> None:
    uv = sys.argv[1]
    options = ["--upgrade"] if "--upgrade" in sys.argv[2:] else []
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        (scratch / "pyproject.toml").write_text(UV_SETTINGS.sub("", settings), encoding="utf-8")
        if (ROOT / LOCK).exists():
            shutil.copy(ROOT / LOCK, scratch / LOCK)
        _run(scratch, uv, "lock", *options)
        for target, groups in EXPORTS.items():
            _run(scratch, uv, "export", *EXPORT_OPTIONS, *groups, "--output-file", target)
            shutil.copy(scratch / target, ROOT / target)
        lock = (scratch / LOCK).read_text(encoding="utf-8")
    (ROOT / LOCK).write_text(without_hosts(lock), encoding="utf-8")


def without_hosts(lock: str) -> str:
    """The same lock, its files looked for by name in `wheelhouse/` instead of on a registry.

    Versions, markers and hashes stay: a file from anywhere else is refused by uv.
    """
    return REMOTE_FILE.sub(
        r'{ path = "\1", hash = "\2" }', REGISTRY.sub('registry = "wheelhouse"', lock)
    )


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True)


if __name__ == "__main__":
    main()

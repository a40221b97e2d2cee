#!/bin/sh
# Fill wheelhouse/ with the pinned files for this interpreter, so that
# `uv sync --locked` and installs without network find them there.
set -eu
cd "$(dirname "$0")/../.."

for list in constraints.txt constraints-dev.txt; do
    .venv/bin/python -m pip --disable-pip-version-check --quiet download \
        --no-deps --require-hashes --dest wheelhouse -r "$list"
done
echo "wheelhouse/ holds $(ls wheelhouse | wc -l) files; next: uv sync --locked"

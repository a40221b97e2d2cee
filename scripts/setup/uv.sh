#!/bin/sh
# Print a uv program: the one installed, or else one of our own in build/uv.
set -eu
cd "$(dirname "$0")/../.."

if command -v uv; then
    exit 0
fi
if [ ! -x build/uv/bin/uv ]; then
    .venv/bin/python -m venv build/uv
    build/uv/bin/python -m pip --disable-pip-version-check --quiet install uv
fi
echo "$PWD/build/uv/bin/uv"

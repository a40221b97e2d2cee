#!/bin/sh
# Create .venv and install the pinned packages, every file checked by its hash.
#   install.sh run [PYTHON]   what the portal needs, and the project itself (editable)
#   install.sh dev [PYTHON]   the tools of `make test`, `make lint`, `make types`…
set -eu
cd "$(dirname "$0")/../.."

what=$1
venv_python=.venv/bin/python
pip="$venv_python -m pip --disable-pip-version-check --quiet"

create_venv() {
    base=$(scripts/setup/python.sh "${1:-python3}")
    # An environment whose interpreter went away cannot be repaired: start it again.
    "$base" -m venv --clear .venv
}

if ! "$venv_python" -c 'import pip' 2>/dev/null; then
    create_venv "${2:-python3}"
fi

case $what in
run)
    echo "Installing the packages of constraints.txt in .venv (a minute or two, once)…"
    $pip install --require-hashes -r constraints.txt
    # The build tool is pinned in constraints.txt too: nothing is fetched unpinned.
    $pip install --no-deps --no-build-isolation --editable .
    ;;
dev)
    echo "Installing the development tools of constraints-dev.txt in .venv…"
    $pip install --require-hashes -r constraints-dev.txt
    ;;
*)
    echo "usage: install.sh run|dev [PYTHON]" >&2
    exit 2
    ;;
esac

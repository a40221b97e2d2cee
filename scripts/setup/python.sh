#!/bin/sh
# Print the first interpreter that can run the project, or say what is missing.
# The candidate given by the caller (make PYTHON=…) comes first.
set -eu

suits() {
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

for candidate in "${1:-python3}" python3 python3.14 python3.13 python3.12 python3.11; do
    if suits "$candidate"; then
        if ! "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            echo "error: $candidate has no venv module; install it (Debian, Ubuntu: python3-venv)." >&2
            exit 2
        fi
        command -v "$candidate"
        exit 0
    fi
done

found=$("${1:-python3}" --version 2>&1 || true)
echo "error: Python 3.11 or newer is needed (found: ${found:-none})." >&2
echo "       If it is installed under another name: make PYTHON=/path/to/python3.12 …" >&2
exit 2

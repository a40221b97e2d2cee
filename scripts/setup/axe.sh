#!/bin/sh
# Fetch axe-core, the accessibility checker of the browser tests, into build/axe/.
# It is a test tool under MPL-2.0: kept out of the repository and of the wheel.
set -eu
cd "$(dirname "$0")/../.."

version=4.14.1
target=build/axe
checksums="29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c  $target/axe.min.js
672b4bbe50df0fb16c33a2290437e244716ab168b03835b6f03ce60e978d2be9  $target/locales/fr.json"

sha256() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }
intact() { echo "$checksums" | sha256 -c --status 2>/dev/null; }

intact && exit 0
if ! command -v npm >/dev/null 2>&1; then
    echo "axe-core not fetched: npm is missing; the accessibility checks cannot run." >&2
    exit 1
fi
mkdir -p "$target"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
(cd "$scratch" && npm pack --silent "axe-core@$version" >/dev/null)
tar -xzf "$scratch/axe-core-$version.tgz" -C "$target" --strip-components=1 \
    package/axe.min.js package/locales/fr.json package/LICENSE
if ! intact; then
    rm -rf "$target"
    echo "axe-core $version does not have the expected checksums; it was discarded." >&2
    exit 1
fi
echo "axe-core $version is in $target/"

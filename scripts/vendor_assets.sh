#!/bin/sh
# Copies the third-party browser files (htmx, Pico CSS) and their licences into static/vendor.
# Run it again to restore them; change a version and its checksum together to upgrade.
# Needs npm, tar and sha256sum. Packages come from the registry that npm is configured for.
set -eu

HTMX=2.0.11
HTMX_SHA256=165a2655073e9e6e55e307a7c74e8ebcdb76afb7701f9c16cfd106a13add408e
PICO=2.1.1
PICO_SHA256=4affbb56f49df6d5325610b06762156f1dcdbc6ef57cea5c136d7e8a00a8cd24

vendor=$(cd "$(dirname "$0")/../static" && pwd)/vendor
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# fetch PACKAGE@VERSION SHA256 -> unpacks into $work/package, refuses an altered archive
fetch() {
    rm -rf "$work/package"
    archive=$(cd "$work" && npm pack --silent "$1")
    echo "$2  $work/$archive" | sha256sum --check --quiet -
    tar -xzf "$work/$archive" -C "$work"
}

mkdir -p "$vendor/htmx" "$vendor/pico"

fetch "htmx.org@$HTMX" "$HTMX_SHA256"
cp "$work/package/dist/htmx.min.js" "$work/package/LICENSE" "$vendor/htmx/"

fetch "@picocss/pico@$PICO" "$PICO_SHA256"
cp "$work/package/css/pico.min.css" "$vendor/pico/"
cp "$work/package/LICENSE.md" "$vendor/pico/LICENSE"

printf 'htmx.org %s (0BSD)\n@picocss/pico %s (MIT)\n' "$HTMX" "$PICO" > "$vendor/VERSIONS"
chmod -R u=rwX,go=rX "$vendor"
echo "static/vendor: htmx.org $HTMX, @picocss/pico $PICO"

#!/bin/sh
# Build an empty database with the migrations, then compare it with the models.
set -eu
cd "$(dirname "$0")/../.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export ECLUSE_HOME="$scratch"
export ECLUSE_DATABASE_URL="sqlite:///$scratch/check.db"
.venv/bin/alembic upgrade head
.venv/bin/alembic check

#!/usr/bin/env bash
# Holds all dependencies against deny.toml: licences, sources, and no crate in two versions.
#   tests/supply-chain.sh            where cargo-deny is installed; says so where it is not
#   tests/supply-chain.sh --install  installs it first: some six minutes of building
#   tests/supply-chain.sh --advisories  known vulnerabilities, too: their database comes from the internet
set -euo pipefail
cd "$(dirname "$0")/.."
version=0.20.2
checks=(bans licenses sources)
for argument; do
    case "$argument" in
        --install) cargo install --locked --quiet "cargo-deny@$version" ;;
        --advisories) checks+=(advisories) ;;
        *) echo "tests/supply-chain.sh: unknown argument '$argument'; there are --install and --advisories" >&2; exit 2 ;;
    esac
done
if cargo deny --version >/dev/null 2>&1; then
    cargo deny --locked check "${checks[@]}"
else
    echo "not run: cargo-deny is not installed (tests/supply-chain.sh --install)"
fi

#!/usr/bin/env bash
# Runs all tests and installs what they need.
#   tests/run.sh           everything that must hold before a change lands
#   tests/run.sh --quick   the inner loop: unit and integration tests alone
set -euo pipefail
cd "$(dirname "$0")/.."

quick=false
case "${1-}" in
    "") ;;
    --quick) quick=true ;;
    *) echo "tests/run.sh: unknown argument '$1'; the only one is --quick" >&2; exit 2 ;;
esac

step() { printf '\n== %s\n' "$1"; }

if ! command -v cargo >/dev/null; then
    echo "tests/run.sh: cargo is not installed; see https://rustup.rs" >&2
    exit 2
fi

run_tests() {
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run --locked --all-targets --no-fail-fast "$@"
    else
        cargo test --locked --all-targets --no-fail-fast "$@"
    fi
}

if ! $quick; then
    step "format"
    cargo fmt --check
    step "lints"
    cargo clippy --locked --all-targets -- -D warnings
    step "documentation"
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items
    step "documented examples"
    cargo test --locked --doc
fi
step "tests"
run_tests

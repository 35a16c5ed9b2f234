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

# A first build has nothing to go on from, and notes for the next one take a fifth of its time.
[ -d "${CARGO_TARGET_DIR:-target}/debug" ] || export CARGO_INCREMENTAL=0

run_tests() {
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run --locked --lib --bins --tests "$@"
    else
        cargo test --locked --lib --bins --tests "$@"
    fi
}

# A Python of our own: the readers of the tables (pandas, polars, pyarrow, duckdb, frictionless), and what runs a notebook.
python="${CARGO_TARGET_DIR:-target}/python-tests"
requirements=tests/readers/requirements.txt
install_python() {
    cmp -s "$requirements" "$python/installed.txt" && return
    if ! { python3 -m venv --clear "$python" && "$python/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"; }; then
        echo "tests/run.sh: cannot install $requirements; this needs python3 with its venv module, and PyPI" >&2
        exit 2
    fi
    cp "$requirements" "$python/installed.txt"
}

if ! $quick; then
    # Meanwhile, as it mostly waits.
    install_python &
    installing=$!
    export VGRUN_REQUIRE_PYTHON=1
    step "format"
    cargo fmt --check
    step "lints"
    cargo clippy --locked --all-targets -- -D warnings
    step "documentation"
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items
    step "what is depended on"
    tests/supply-chain.sh
    step "documented examples"
    cargo test --locked --doc
    step "Python for the readers of the tables and the notebook"
    # Poppler draws the figures' PDFs again.
    if ! command -v pdftoppm >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        { apt-get update && apt-get install -y --no-install-recommends poppler-utils; } >/dev/null 2>&1 || true
    fi
    wait "$installing"
fi
if [ -x "$python/bin/python" ]; then
    VGRUN_PYTHON="$(cd "$python" && pwd)/bin/python"
    export VGRUN_PYTHON
else
    echo "no readers will be asked about the tables: tests/run.sh without --quick installs them" >&2
fi
if ! $quick; then
    step "the package"
    # That it is whole; tests/package.sh installs it, too.
    target="${CARGO_TARGET_DIR:-target}"
    # What an earlier package left there would be taken for this one's.
    rm -rf "$target/package"
    cargo package --locked --no-verify --allow-dirty --quiet
    package=$(cargo pkgid | sed 's/.*[#@]\(.*\)/vgrun-\1/')
    tar -xzf "$target/package/$package.crate" -C "$target/package"
    cargo check --locked --quiet --manifest-path "$target/package/$package/Cargo.toml" --target-dir "$target"
    step "the tests' binary"
    run_tests --no-run
    vgrun="$(cd "$target" && pwd)/debug/vgrun"
    "$vgrun" --version
    step "the same bytes on other CPUs"
    # Emulated CPUs need qemu-user, which is installed where that is possible and else said to be missing.
    if ! command -v qemu-x86_64 >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        { apt-get update && apt-get install -y --no-install-recommends qemu-user; } >/dev/null 2>&1 || true
    fi
    tests/tiers.sh "$vgrun"
    step "the report in a real browser"
    # Only what is missing: a Node.js from elsewhere brings its npm, and Debian's own is in conflict with it.
    missing() {
        command -v "${CHROMIUM:-chromium}" >/dev/null || echo chromium
        command -v node >/dev/null || echo nodejs
        command -v npm >/dev/null || echo npm
    }
    mapfile -t packages < <(missing)
    if [ "${#packages[@]}" -gt 0 ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        { apt-get update && apt-get install -y --no-install-recommends "${packages[@]}"; } >/dev/null 2>&1 || true
    fi
    [ -z "$(missing)" ] || { echo "tests/run.sh: this needs Chromium, node and npm (Debian: chromium nodejs npm)" >&2; exit 2; }
    tests/browser.sh "$vgrun" "${CARGO_TARGET_DIR:-target}/browser-tests"
    step "the notebook"
    tests/notebook.sh "$vgrun" "$VGRUN_PYTHON"
    step "configs and their schema, as an editor sees them"
    # npm is there: the browser needed it.
    tests/schema.sh "$vgrun" "${CARGO_TARGET_DIR:-target}/schema-tests"
    step "shards on Slurm and through GNU parallel"
    # Root on Debian installs them, and then they are required; elsewhere what is missing is said.
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        export VGRUN_REQUIRE_CLUSTER=1
        packages=(slurmctld slurmd slurm-client munge parallel shellcheck)
        if ! dpkg --status "${packages[@]}" >/dev/null 2>&1; then
            { apt-get update && apt-get install -y --no-install-recommends "${packages[@]}"; } >/dev/null
        fi
    fi
    tests/cluster.sh "$vgrun"
    step "gradients as they were accepted"
    results=$(mktemp -d)
    trap 'rm -rf "$results"' EXIT
    "$vgrun" check configs/ci.toml --strict --out "$results"
fi
step "tests"
run_tests --no-fail-fast

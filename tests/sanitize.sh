#!/usr/bin/env bash
# Runs the tests of the kernels, the only place of unsafe code, under AddressSanitizer, once on every tier the CPU has, with
# the standard library's checks of every pointer, which other tests do without (see Cargo.toml).
# A few minutes; not part of tests/run.sh. Needs no other toolchain: the sanitizer's runtime comes with the stable one.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$(rustc -vV | sed -n 's/^host: //p')
export RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=address"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/sanitize"
for tier in portable avx2 avx512; do
    if [ "$tier" != portable ] && ! grep -qw "${tier/avx512/avx512f}" /proc/cpuinfo; then
        echo "not run: tier $tier, which this CPU lacks"
        continue
    fi
    echo "== $tier"
    VGRUN_CPU=$tier cargo test --locked --config profile.dev.package.vgrun.debug-assertions=true --target "$target" --lib kernels:: -- --skip exhaustive
done

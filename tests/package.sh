#!/usr/bin/env bash
# Installs vgrun from its own package, as a registry would hand it out, and sees it begin, plan and train.
set -euo pipefail
cd "$(dirname "$0")/.."
target="${CARGO_TARGET_DIR:-target}"
# What an earlier package left there would be built with it.
rm -rf "$target/package"
cargo package --locked --no-verify --allow-dirty --quiet
package=$(cargo pkgid | sed 's/.*[#@]\(.*\)/vgrun-\1/')
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
tar -xzf "$target/package/$package.crate" -C "$home"
cargo install --locked --quiet --path "$home/$package" --root "$home/installed" --target-dir "$target"
PATH="$home/installed/bin:$PATH"
mkdir "$home/work"
cd "$home/work"
vgrun --version
vgrun init depth > /dev/null
vgrun plan depth.toml > /dev/null
vgrun sweep depth.toml --set 'grid.model.depth=[3]' --set run.train.steps=5 --quiet
# The folder is named after what --set changed, too.
find results -name runs.csv -size +0 | grep -q .
echo "tests/package.sh: installed, and it works"

#!/usr/bin/env bash
# Holds configs against the schema that vgrun prints: by the linter that editors use (taplo), and by its language server.
#   tests/schema.sh VGRUN MODULES
# MODULES is a folder for the npm packages of tests/schema, which are installed if they are not there. Needs node and npm.
set -euo pipefail
cd "$(dirname "$0")/.."
vgrun=$(realpath "${1:?the path of a vgrun binary}")
modules=$(realpath -m "${2:?a folder for npm packages}")
configs=$PWD/configs editor=$PWD/tests/schema/editor.mjs
mkdir -p "$modules"
if ! cmp -s tests/schema/package-lock.json "$modules/installed.json"; then
    cp tests/schema/package.json tests/schema/package-lock.json "$modules"
    (cd "$modules" && npm ci --no-audit --no-fund --ignore-scripts --silent)
    cp tests/schema/package-lock.json "$modules/installed.json"
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# lint OPTIONS: taplo's verdict; what it says goes to said.txt. A call takes seconds, so each is about many files.
lint() { "$modules/node_modules/.bin/taplo" lint --no-auto-config "$@" >said.txt 2>&1; }
fail() { echo "tests/schema.sh: $1" >&2; cat said.txt >&2; exit 1; }
"$vgrun" schema >schema.json
schema=file://$PWD/schema.json
lint --schema "$schema" "$configs"/*.toml || fail "not every config passes"

# Starters name the schema that init wrote beside them.
starters=(depth residual memory ci)
mkdir starters
for name in "${starters[@]}"; do (cd starters && "$vgrun" init "$name" >/dev/null); done
lint starters/*.toml || fail "not every starter passes"
node "$editor" "$modules/node_modules" starters/depth.toml || fail "an editor does not know depth.toml"
sed -i 's/^why  = /wy   = /' starters/*.toml
! lint starters/*.toml || fail "misspelt keys of starters pass"
for name in "${starters[@]}"; do
    grep -q "starters/$name.toml" said.txt || fail "a misspelt key of $name passes: its first line leads to no schema"
done

# bad NAME < CONFIG: is to be refused.
names=()
mkdir bad
bad() { { printf 'name = "bad"\n'; cat; } >"bad/$1.toml"; names+=("$1"); }
bad misspelt_key <<<'run.model.dpeth = 5'
bad misspelt_dotted_axis <<<'grid.model.depht = [5]'
bad unknown_group <<<'run.modle.depth = 5'
bad unknown_section <<<$'[gird]\nmodel.depth = [5]'
bad unknown_activation <<<'run.model.activation = "sigmod"'
bad unknown_activation_of_an_axis <<<'grid.model.activation = ["relu", "sigmod"]'
bad unknown_init_in_an_exclude <<<$'[[exclude]]\nmodel.init = "hee"'
bad wrong_type <<<'run.model.depth = "ten"'
bad wrong_type_in_a_list <<<'grid.model.batch_norm = [false, 1]'
bad zero_depth <<<'run.model.depth = 0'
bad negative_rate <<<'run.train.learning_rate = -0.1'
bad axis_that_is_no_list <<<'grid.model.depth = 5'
bad empty_axis <<<'grid.model.depth = []'
bad value_twice <<<'grid.model.depth = [5, 5]'
bad list_in_run <<<'run.model.depth = [5, 10]'
bad range_without_an_end <<<'grid.seed = { from = 0 }'
bad range_with_a_slip <<<'grid.seed = { from = 0, cuont = 3 }'
bad range_of_names <<<'grid.model.activation = { from = 0, count = 3 }'
bad zip_without_double_brackets <<<$'[zip]\nmodel.depth = [5, 10]'
bad empty_exclude <<<'[[exclude]]'
bad key_of_the_run_at_the_top <<<'depth = 5'
bad expect_without_a_name <<<$'[[expect]]\nlearned = true'
bad expect_about_nothing <<<$'[[expect]]\nname = "a"'
bad expect_about_two_things <<<$'[[expect]]\nname = "a"\nlearned = true\nverdict = "dead"'
bad expect_of_an_unknown_metric <<<$'[[expect]]\nname = "a"\nmetric = "delta"\nmin = 0'
bad expect_with_a_misspelt_where <<<$'[[expect]]\nname = "a"\nlearned = true\nwhere = { model.dpeth = 5 }'
bad check_of_an_unknown_metric <<<$'[check]\ntolerance = { test_acuracy = 0.1 }'
bad negative_tolerance <<<$'[check]\ntolerance_decades = -1'
bad unknown_table <<<$'[output]\ntables = ["run"]'
bad config_without_a_name </dev/null
sed -i 's/^name/run.seed/; s/"bad"/1/' bad/config_without_a_name.toml
# And one without a fault, so that it is the faults that are found.
printf 'name = "good"\ngrid.model.depth = [5, 10]\n' >bad/good.toml
! lint --schema "$schema" bad/*.toml || fail "bad configs pass"
! grep -q "bad/good.toml" said.txt || fail "a good config is refused"
for name in "${names[@]}"; do grep -q "bad/$name.toml" said.txt || fail "$name passes"; done
echo "taplo takes every config and starter, and refuses ${#names[@]} bad configs"

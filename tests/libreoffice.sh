#!/usr/bin/env bash
# Opens tables in a spreadsheet: LibreOffice reads every table of a sweep in American English, and its copies of
# `vgrun export --excel-locale` in German and French. No number may become text, and no text a number or a date.
#   tests/libreoffice.sh VGRUN
# Needs LibreOffice Calc (Debian: libreoffice-calc) and Python 3. Not part of tests/run.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
vgrun=$(realpath "${1:?the path of a vgrun binary}")
cells=$PWD/tests/libreoffice/cells.py
command -v soffice >/dev/null || { echo "tests/libreoffice.sh: there is no soffice (Debian: libreoffice-calc)" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# Numbers from 1e-300 to infinity, and axes whose text could be taken for dates.
cat >kinds.toml <<'TOML'
name = "kinds"
[run]
data.source = "blobs"
train.steps = 6
train.batch_size = 16
train.precision = "f64"
train.stop_when_diverged = false
[grid]
trace.every = [2, [0, 3]]
model.widths = [[4], [5, 10], [12, 6, 4]]
model.bias = [true, false]
train.learning_rate = [0.25, 1e16]
model.init_gain = [1, 1e-100]
seed = { from = 0, count = 2 }
TOML
"$vgrun" sweep kinds.toml --quiet
"$vgrun" export kinds.toml --excel-locale >/dev/null

# read FOLDER SEPARATOR LANGUAGE: every table as LibreOffice reads it, into sheets/. The last value lets it look for
# dates, truth values and numbers with an exponent, as it does with what is pasted.
read_tables() {
    rm -rf sheets
    soffice --headless "-env:UserInstallation=file://$folder/profile" --infilter="CSV:$2,34,76,1,,$3,false,true" \
        --convert-to xlsx --outdir sheets "$1"/*.csv >said.txt 2>&1 || { cat said.txt >&2; exit 1; }
}
english=1033 german=1031 french=1036
read_tables results/kinds 44 "$english"
python3 "$cells" results/kinds sheets
for language in $german $french; do
    read_tables results/kinds/excel 59 "$language"
    python3 "$cells" results/kinds sheets
done
# What the copies are for: there, the tables themselves lose their numbers.
read_tables results/kinds 44 "$german"
! python3 "$cells" results/kinds sheets >said.txt || { echo "German needs no copies" >&2; cat said.txt >&2; exit 1; }

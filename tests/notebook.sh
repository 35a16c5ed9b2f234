#!/usr/bin/env bash
# Executes the notebook in a copy, over the tables of the main job's nets, which are trained for a few steps only, and over
# those of the starter; and the guide's scripts that draw.
#   tests/notebook.sh VGRUN PYTHON [PICTURES]    PYTHON has the packages of tests/readers/requirements.txt
set -euo pipefail
cd "$(dirname "$0")/.."
vgrun=$(realpath "${1:?the path of a vgrun binary}")
# Not resolved: a Python finds its environment beside its own link.
python=$(cd "$(dirname "${2:?a Python}")" && pwd)/$(basename "$2")
pictures=${3:+$(realpath "$3")}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$vgrun" sweep configs/depth.toml --set run.train.steps=20 --set run.trace.every=5 --name depth \
    --quiet --out "$folder/results"
cp -r notebooks "$folder"
# Jupyter and matplotlib keep nothing at home.
export IPYTHONDIR=$folder/ipython JUPYTER_CONFIG_DIR=$folder/jupyter JUPYTER_DATA_DIR=$folder/jupyter
export JUPYTER_RUNTIME_DIR=$folder/jupyter/runtime JUPYTER_PLATFORM_DIRS=1 MPLCONFIGDIR=$folder/matplotlib
export PYTHONDONTWRITEBYTECODE=1 PYDEVD_DISABLE_FILE_VALIDATION=1
unset MPLBACKEND
"$python" tests/notebook/execute.py "$folder/notebooks/gradients.ipynb" ${pictures:+"$pictures"}
# What a newcomer has: a starter as it is, and the guide.
mkdir "$folder/starter"
guide=$(realpath src/guide)
cp -r notebooks "$folder/starter"
(cd "$folder/starter" && "$vgrun" init depth >"$folder/init.txt" && "$vgrun" sweep depth.toml --quiet)
"$python" tests/notebook/execute.py "$folder/starter/notebooks/gradients.ipynb"
"$vgrun" sweep configs/lags.toml --quiet --out "$folder/starter/results"
# script PICTURE FOLDER: runs the guide's script that saves a picture of that name.
script() {
    awk -v picture="$1" '/^```python/ { text = ""; inside = 1; next }
        /^```/ { if (inside && index(text, picture)) printf "%s", text; inside = 0 }
        inside { text = text $0 "\n" }' "$guide"/*.md >"$folder/script.py"
    (cd "$2" && MPLBACKEND=agg "$python" "$folder/script.py" && test -s "$1")
}
script gradients.png "$folder/starter"
script gradients.png "$folder"
script lags.png "$folder/starter"
echo "the guide's scripts: 2, over the main job's tables and a starter's"

#!/usr/bin/env bash
# Executes the notebook in a copy, over the tables of the main job's nets, which are trained for a few steps only.
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

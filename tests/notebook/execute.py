"""Executes a notebook where it lies, and demands four pictures of it and not a word on standard error.

python3 tests/notebook/execute.py NOTEBOOK [FOLDER]   FOLDER: where the pictures are written, to be looked at
"""

import base64
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

PICTURES = 4

path = Path(sys.argv[1])
notebook = nbformat.read(path, as_version=4)
nbformat.validate(notebook)
cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
kept = [cell.id for cell in cells if cell.outputs or cell.execution_count is not None]
if kept:
    sys.exit(f"{path}: outputs belong to whoever runs it, and these cells keep theirs: {', '.join(kept)}")

# The kernel listens on this machine alone, on ports of its choice, and need not say so.
client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": path.parent}}, extra_arguments=["--log-level=ERROR"])
# Raises the error of a cell that fails, with the cell's text.
client.execute()

pictures = []
for cell in cells:
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stderr":
            sys.exit(f"{path}, cell {cell.id} says:\n{output.text}")
        if "image/png" in output.get("data", {}):
            pictures.append(base64.b64decode(output.data["image/png"]))
if len(pictures) != PICTURES:
    sys.exit(f"{path}: {len(pictures)} pictures instead of {PICTURES}")
for number, picture in enumerate(pictures, 1):
    if len(sys.argv) > 2:
        (Path(sys.argv[2]) / f"{number}.png").write_bytes(picture)
print(f"{path.name}: {len(cells)} cells, {len(pictures)} pictures")

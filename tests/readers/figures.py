"""Figures against other programs: matplotlib plots their tables again, and poppler draws their PDFs.

    figures.py VGRUN RESULTS FIGURE..

Exit code 3: matplotlib or poppler is not installed.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

try:
    import matplotlib

    matplotlib.use("Agg")
    import numpy
    import pandas
    from matplotlib import pyplot
except ImportError as error:
    print(error)
    sys.exit(3)
if not (shutil.which("pdftoppm") and shutil.which("pdftotext")):
    print("poppler (pdftoppm, pdftotext) is not installed")
    sys.exit(3)

SVG = "{http://www.w3.org/2000/svg}"


def replotted(table):
    """The points of every line when matplotlib plots the table, panel by panel."""
    mean = "mean" if "mean" in table else "log10_mean"
    points = []
    for _, panel in table.groupby("panel", sort=False):
        _, axes = pyplot.subplots()
        for _, line in panel.groupby("line", sort=False):
            axes.plot(line[line.columns[2]], line[mean])
        points += [line.get_xydata() for line in axes.lines]
        pyplot.close()
    return points


def drawn(svg):
    """The corners of every line of means, in pixels, and the attributes of its group."""
    for group in svg.iter(f"{SVG}g"):
        if group.get("class") == "series":
            path = next(path for path in group.iter(f"{SVG}path") if (path.get("class") or "").endswith(" mean"))
            corners = re.findall(r"[ML](\S+?) ([^ML]+)", path.get("d"))
            yield numpy.array(corners, float).reshape(-1, 2), group


def same_points(name, table, svg):
    """The table's points are those of the picture but for the scale of each axis."""
    lines, plotted = list(drawn(svg)), replotted(table)
    assert len(lines) == len(plotted) > 0, f"{name}: {len(lines)} lines, {len(plotted)} in the table"
    for (corners, group), points in zip(lines, plotted):
        finite = points[numpy.isfinite(points[:, 1])]
        assert len(corners) == len(finite), f"{name}: {group.get('data-name')}"
        told = numpy.array(group.get("data-mean").split(), float)
        if name != "learning":  # whose axis may be logarithmic, and its table is not
            assert numpy.allclose(told, points[:, 1], atol=1e-5, equal_nan=True), f"{name}: {group.get('data-name')}"
            for axis in (0, 1):
                if len(finite) > 2 and numpy.ptp(finite[:, axis]) > 0:
                    fit = numpy.polyval(numpy.polyfit(finite[:, axis], corners[:, axis], 1), finite[:, axis])
                    assert numpy.abs(fit - corners[:, axis]).max() < 0.2, f"{name}: {group.get('data-name')}"


def same_fields(name, table, svg):
    """The table's cells are those of the picture."""
    attribute, column = {"phase": ("data-learned", "learned_share"), "matrix": ("data-decades", "decades"),
                         "effects": ("data-effect", "effect")}[name]
    rows = table[table["what"] == "cell"] if name == "phase" else table
    in_picture = sorted(float(g.get(attribute)) for g in svg.iter(f"{SVG}g") if g.get(attribute) not in (None, "NaN"))
    assert numpy.allclose(in_picture, sorted(rows[column].dropna())), name


def same_picture(folder, name, svg):
    """Poppler draws the PDF as large as the PNG is, with the same words and nearly the same pixels."""
    subprocess.run(["pdftoppm", "-r", "96", "-png", "-singlefile", f"{name}.pdf", f"{name}-poppler"], cwd=folder, check=True)
    ours, theirs = (pyplot.imread(folder / f"{file}.png")[..., :3].mean(axis=2) for file in (name, f"{name}-poppler"))
    assert numpy.abs(numpy.subtract(ours.shape, theirs.shape)).max() <= 1, f"{name}: {ours.shape} and {theirs.shape}"
    height, width = numpy.minimum(ours.shape, theirs.shape)
    difference = numpy.abs(ours[:height, :width] - theirs[:height, :width]).mean()
    assert difference < 0.02, f"{name}: the pixels differ by {difference:.3f} in the mean"
    text = subprocess.run(["pdftotext", "-layout", f"{name}.pdf", "-"], cwd=folder, check=True, capture_output=True, text=True)
    squeezed = re.sub(r"\s", "", text.stdout)
    words = {re.sub(r"\s", "", element.text or "") for element in svg.iter(f"{SVG}text")}
    missing = [word for word in words if len(word) > 2 and word not in squeezed]
    # What is upright in the picture is so in the text.
    assert len(missing) <= 0.15 * len(words) + 2, f"{name}: not in the PDF: {missing}"


def main():
    vgrun, results, *names = sys.argv[1:]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in names:
            draw = [vgrun, "figure", str(Path(results).resolve()), name]
            for options in (["-o", f"{name}.svg", "--data", f"{name}.csv"], ["-o", f"{name}.pdf"], ["-o", f"{name}.png", "--scale", "1"]):
                subprocess.run(draw + options, cwd=folder, check=True, stdout=subprocess.DEVNULL)
            svg = ElementTree.parse(folder / f"{name}.svg").getroot()
            table = pandas.read_csv(folder / f"{name}.csv")
            assert len(table), name
            if name in ("phase", "matrix", "effects"):
                same_fields(name, table, svg)
            elif name != "heatmap":
                same_points(name, table, svg)
            same_picture(folder, name, svg)
    print(f"{len(names)} figures are those of matplotlib and poppler")


main()

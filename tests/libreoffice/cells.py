"""Holds the sheets that a spreadsheet made of a results folder's tables against the tables.

    python cells.py results/<name> sheets/

Every cell that is a finite number in the table must be that number in the sheet, to the 15 digits that a spreadsheet
keeps; every other must be text, but for true and false, which may be truth values. Ends with 1 after a mismatch.
"""

import csv
import math
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree
import zipfile

NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def column(reference):
    """The column of a cell such as AB12, from 0."""
    number = 0
    for letter in re.match("[A-Z]+", reference).group():
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def sheet(path):
    """The rows of a workbook's only sheet: of every cell its type and its text."""
    with zipfile.ZipFile(path) as book:
        strings = ElementTree.fromstring(book.read("xl/sharedStrings.xml")).iter(NAMESPACE + "si")
        shared = ["".join(text.text or "" for text in entry.iter(NAMESPACE + "t")) for entry in strings]
        root = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    for row in root.iter(NAMESPACE + "row"):
        cells = {}
        for cell in row.iter(NAMESPACE + "c"):
            kind, value = cell.get("t", "n"), cell.find(NAMESPACE + "v")
            text = None if value is None else value.text
            if cell.find(NAMESPACE + "f") is not None:
                kind = "formula"
            elif kind == "s":
                text = shared[int(text)]
            cells[column(cell.get("r"))] = (kind, text)
        yield cells


def number(text):
    """The finite number that a table's cell is; None for any other."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def is_right(cell, kind, text):
    value = number(cell)
    if value is not None:
        return kind == "n" and math.isclose(float(text), value, rel_tol=1e-14)
    return kind == "s" or kind == "b" and cell in ("true", "false")


results, sheets = map(pathlib.Path, sys.argv[1:])
wrong = counted = 0
for path in sorted(results.glob("*.csv")):
    with open(path, newline="") as file:
        table = list(csv.reader(file))
    rows = list(sheet(sheets / path.with_suffix(".xlsx").name))
    if len(table) != len(rows):
        sys.exit(f"{path.name}: {len(table)} rows became {len(rows)}")
    for row, cells in zip(table[1:], rows[1:]):
        for i, cell in enumerate(row):
            kind, text = cells.get(i, (None, None))
            counted += number(cell) is not None
            if not is_right(cell, kind, text):
                wrong += 1
                if wrong <= 5:
                    print(f"{path.name}, {table[0][i]}: {cell} became {text} of type {kind}")
print(f"{counted} numbers, {wrong} cells that are not what they were")
sys.exit(wrong > 0 or counted == 0)

"""Reads the tables of a results folder with the defaults of pandas, polars, pyarrow and duckdb.

    python readers.py results/<name>

Every column must come out with the type that datapackage.json states, and every value as what Python itself makes of
the text. frictionless must find the package valid, and must find a damaged copy of it not to be. Prints what each
reader did; ends with 1 after a mismatch, with 3 where a module is missing.
"""

import csv
import json
import math
import pathlib
import shutil
import struct
import sys
import tempfile

try:
    import duckdb
    import frictionless
    import pandas
    import polars
    import pyarrow
    import pyarrow.csv
except ImportError as error:
    print(f"missing module: {error.name}")
    sys.exit(3)

CASTS = {"integer": int, "number": float, "boolean": {"true": True, "false": False}.__getitem__, "string": str}


def read_pandas(path):
    kinds = {"i": "integer", "f": "number", "b": "boolean", "O": "string"}
    table = pandas.read_csv(path)
    return {name: (kinds[column.dtype.kind], column.tolist()) for name, column in table.items()}


def read_polars(path):
    kinds = {"Int64": "integer", "Float64": "number", "Boolean": "boolean", "String": "string"}
    table = polars.read_csv(path)
    return {column.name: (kinds[str(column.dtype)], column.to_list()) for column in table}


def read_pyarrow(path):
    kinds = {"int64": "integer", "double": "number", "bool": "boolean", "string": "string", "null": "null"}
    table = pyarrow.csv.read_csv(path)
    return {name: (kinds[str(table.column(name).type)], table.column(name).to_pylist()) for name in table.column_names}


def read_duckdb(path):
    kinds = {"BIGINT": "integer", "DOUBLE": "number", "BOOLEAN": "boolean", "VARCHAR": "string"}
    table = duckdb.sql(f"from '{path}'")
    columns = zip(*table.fetchall())
    return {
        name: (kinds[str(kind)], list(values)) for name, kind, values in zip(table.columns, table.types, columns)
    }


def same(got, want):
    """The same value, bit for bit; any NaN is as good as any other."""
    if isinstance(want, float):
        if not isinstance(got, float):
            return False
        return math.isnan(got) if math.isnan(want) else struct.pack("d", got) == struct.pack("d", want)
    return type(got) is type(want) and got == want


def mismatches(reader, path, schema, rows):
    """What a reader makes of a table that it should not."""
    columns = reader(path)
    if list(columns) != [field["name"] for field in schema["fields"]]:
        yield f"columns {list(columns)}"
        return
    nulls = 0
    for i, field in enumerate(schema["fields"]):
        name, kind = field["name"], field["type"]
        got_kind, got = columns[name]
        want = [CASTS[kind](row[i]) for row in rows]
        if reader is read_pyarrow and kind == "number":
            # Known: pyarrow takes NaN for a missing value, and a column of nothing else for one without a type.
            nulls += sum(value is None for value in got)
            got = [math.nan if g is None and math.isnan(w) else g for g, w in zip(got, want)]
            if got_kind == "null" and all(math.isnan(w) for w in want):
                got_kind = "number"
        if got_kind != kind:
            yield f"{name}: read as {got_kind}, is {kind}"
        elif len(got) != len(want):
            yield f"{name}: {len(got)} rows of {len(want)}"
        else:
            wrong = [(line + 2, g, w) for line, (g, w) in enumerate(zip(got, want)) if not same(g, w)]
            if wrong:
                yield f"{name}: {len(wrong)} values, the first on line {wrong[0][0]}: {wrong[0][1]!r} is {wrong[0][2]!r}"
    if nulls:
        print(f"  ({nulls} NaN are null)", end="")


def errors_of(package):
    report = frictionless.validate(str(package))
    return [error.message for task in report.tasks for error in task.errors] + [e.message for e in report.errors]


def main(folder):
    package = json.loads((folder / "datapackage.json").read_text())
    failed = False
    for resource in package["resources"]:
        path = folder / resource["path"]
        with open(path, newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        assert header == [field["name"] for field in resource["schema"]["fields"]], path
        for reader in (read_pandas, read_polars, read_pyarrow, read_duckdb):
            print(f"{resource['path']}: {len(rows)} rows, {reader.__name__.removeprefix('read_')}", end="")
            try:
                found = list(mismatches(reader, str(path), resource["schema"], rows))
            except Exception as error:  # Whatever a reader raises is its verdict.
                found = [f"{type(error).__name__}: {error}"]
            print("" if found else " ok")
            for text in found:
                print(f"    {text}")
            failed |= bool(found)
    found = errors_of(folder / "datapackage.json")
    print("frictionless", found[:5] or "ok")
    failed |= bool(found)
    with tempfile.TemporaryDirectory() as name:
        copy = pathlib.Path(name) / "copy"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("runs"))
        steps = copy / "steps.csv"
        steps.write_text(steps.read_text() + steps.read_text().splitlines()[-1].replace(",1.0", ",") + "\n")
        found = errors_of(copy / "datapackage.json")
        print(f"frictionless on a damaged copy: {len(found)} errors")
        failed |= len(found) < 2
    sys.exit(failed)


main(pathlib.Path(sys.argv[1]))

"""Saves a trace again as data frames do.

    python traces.py TRACE.csv FOLDER

Writes what pandas and polars make of it with their defaults, with an index, with singles in place of doubles, with other
separators and line ends, each as a file of FOLDER whose name says what it is. Ends with 3 where a module is missing.
"""

import pathlib
import sys

try:
    import pandas
    import polars
except ImportError as error:
    print(f"missing module: {error.name}")
    sys.exit(3)


def main(trace, folder):
    table = pandas.read_csv(trace)
    floats = table.select_dtypes("float").columns
    whole = [name for name in ("seed", "step", "layer") if table[name].dtype.kind == "i"]
    single = table.astype({name: "float32" for name in floats})
    table.to_csv(folder / "pandas.csv", index=False)
    table.to_csv(folder / "pandas-index.csv")
    pandas.read_csv(folder / "pandas-index.csv").to_csv(folder / "pandas-index-again.csv")
    table.to_csv(folder / "pandas-crlf.csv", index=False, lineterminator="\r\n")
    table.to_csv(folder / "pandas-excel.csv", index=False, sep=";", decimal=",", encoding="utf-8-sig", lineterminator="\r\n")
    table.to_csv(folder / "pandas-tabs.csv", index=False, sep="\t")
    table.to_csv(folder / "pandas-quotes.csv", index=False, quoting=1)
    table.to_csv(folder / "pandas-15-digits.csv", index=False, float_format="%.15g")
    table.astype({name: "float64" for name in whole}).to_csv(folder / "pandas-whole-floats.csv", index=False)
    single.to_csv(folder / "pandas-single.csv", index=False)
    single.astype({name: "float64" for name in floats}).to_csv(folder / "pandas-widened.csv", index=False)
    frame = polars.read_csv(trace)
    frame.write_csv(folder / "polars.csv")
    frame.write_csv(folder / "polars-bom.csv", include_bom=True, line_terminator="\r\n")
    frame.with_columns(polars.col(polars.Float64).cast(polars.Float32)).write_csv(folder / "polars-single.csv")


main(sys.argv[1], pathlib.Path(sys.argv[2]))

"""Compares what two binaries write for the same configs, byte by byte: does a change of the code's order change a result?

    python3 tests/numerics/same_bytes.py OLD_VGRUN NEW_VGRUN [CONFIG..]

Without a config, all of configs/ and tests/verdict/. Every config is swept with `--report` by both binaries into temporary
folders, and its results are accepted as a baseline. Every file must be equal: tables, figures, the page, result.json, the
baseline, and the manifest but for times, the host's name and what the process took. The log of records is left out, whose
order is that in which runs end. The exit code is 1 where a file differs, and the first line that does is shown.
"""

import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

# What of a manifest is of one process.
OF_THE_PROCESS = ("host", "cpus", "jobs", "started", "ended", "seconds", "peak_memory_bytes", "vgrun")


def files(folder):
    """The files of a folder as relative path -> bytes."""
    found = {}
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            inside = os.path.relpath(path, folder)
            if "runs" in inside.split(os.sep)[:-1] or name.endswith(".lock"):
                continue
            with open(path, "rb") as file:
                found[inside] = file.read()
            if name == "manifest.json":
                manifest = json.loads(found[inside])
                kept = {key: value for key, value in manifest.items() if key not in OF_THE_PROCESS}
                found[inside] = json.dumps(kept, indent=1, sort_keys=True).encode()
    return found


def results(binary, config):
    """What a binary writes for a config, which is copied with what lies beside it."""
    with tempfile.TemporaryDirectory() as home:
        folder = os.path.join(home, "configs")
        shutil.copytree(os.path.dirname(config) or ".", folder)
        name = os.path.basename(config)
        baseline = name.replace(".toml", ".baseline.csv")
        if os.path.exists(os.path.join(folder, baseline)):
            os.remove(os.path.join(folder, baseline))
        for command in (["sweep", "--report"], ["accept", "--yes"]):
            ended = subprocess.run(
                [binary, command[0], os.path.join("configs", name), *command[1:]],
                cwd=home,
                capture_output=True,
                text=True,
            )
            # Where runs failed, there is nothing to accept.
            if ended.returncode not in (0, 3) and command[0] == "sweep":
                sys.exit(f"{binary} {command[0]} {config}: {ended.stderr}")
        found = files(os.path.join(home, "results"))
        if os.path.exists(os.path.join(folder, baseline)):
            with open(os.path.join(folder, baseline), "rb") as file:
                found[baseline] = file.read()
        return found


def first_difference(a, b):
    for number, (left, right) in enumerate(zip(a.splitlines(), b.splitlines()), 1):
        if left != right:
            at = next((i for i, (x, y) in enumerate(zip(left, right)) if x != y), min(len(left), len(right)))
            cut = slice(max(0, at - 60), at + 60)
            return f"line {number}: {left[cut]!r} is now {right[cut]!r}"
    return f"{len(a)} bytes are now {len(b)}"


def compare(old_binary, new_binary, config):
    start = time.time()
    old, new = results(old_binary, config), results(new_binary, config)
    different = {}
    for path in sorted(old.keys() | new.keys()):
        if path not in new or path not in old:
            different[path] = "only one of the two writes it"
        elif old[path] != new[path]:
            different[path] = first_difference(old[path], new[path])
    size = sum(len(text) for text in old.values())
    print(f"{config}: {len(old)} files, {size} bytes; different: {len(different)} ({time.time() - start:.0f} s)", flush=True)
    for path, what in different.items():
        print(f"  {path}: {what}", flush=True)
    return not different


def main():
    old, new, *configs = sys.argv[1:]
    configs = configs or sorted(glob.glob("configs/*.toml") + glob.glob("tests/verdict/*.toml"))
    alike = [compare(os.path.abspath(old), os.path.abspath(new), config) for config in configs]
    print(f"{sum(alike)} of {len(alike)} configs are the same bytes")
    sys.exit(0 if all(alike) else 1)


if __name__ == "__main__":
    main()

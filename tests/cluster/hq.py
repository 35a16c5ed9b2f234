"""Stands in for HyperQueue's command line: `hq submit` with the options that vgrun's script uses, on a server and a worker
of their own (PyPI's wheel has both, and no command)."""

import argparse
import os
import sys
import tempfile

from hyperqueue import Job
from hyperqueue.cluster import LocalCluster, WorkerConfig


def tasks(text):
    """`0-2,5` as numbers."""
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


arguments = argparse.ArgumentParser()
arguments.add_argument("command", choices=["submit"])
arguments.add_argument("--name", required=True)
arguments.add_argument("--array", type=lambda text: list(tasks(text)), default=[0])
arguments.add_argument("--cpus", type=int, default=1)
arguments.add_argument("--wait", action="store_true", required=True)
arguments.add_argument("words", nargs="+")
given = arguments.parse_args()

with tempfile.TemporaryDirectory() as folder, LocalCluster(server_dir=folder) as cluster:
    cluster.start_worker(WorkerConfig(cores=2))
    client = cluster.client()
    job = Job(default_workdir=os.getcwd())
    # The wheel numbers a job's tasks from 0 in order: those that were not asked for end at once.
    for task in range(max(given.array) + 1):
        words = given.words if task in given.array else ["true"]
        job.program(words, stdout=f"{folder}/{task}.out", stderr=f"{folder}/{task}.err")
    submitted = client.submit(job)
    good = client.wait_for_jobs([submitted], raise_on_error=False)
    for task in given.array:
        for stream, name in [(sys.stdout, "out"), (sys.stderr, "err")]:
            with open(f"{folder}/{task}.{name}", encoding="utf-8") as text:
                stream.write(text.read())
sys.exit(0 if good else 1)

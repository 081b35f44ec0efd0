"""Draws docs/images/growth.png from the numbers that `make growth` measured last, benchmarks/growth.json."""

import json
from pathlib import Path

import matplotlib as mpl

from nbprobe.palette import BLUE, ORANGE

mpl.use("agg")
import matplotlib.pyplot as plt

ROOT = Path(__file__).parents[2]
NUMBERS, PICTURE = ROOT / "benchmarks/growth.json", ROOT / "docs/images/growth.png"


def main() -> None:
    numbers = json.loads(NUMBERS.read_text())
    counts, jobs = numbers["submissions"], numbers["jobs"]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    left.plot(counts, numbers["seconds"], "o-", color=BLUE)
    left.set(xlabel="submissions", ylabel="seconds", title="time", xlim=0, ylim=0)
    right.set_ylim(0, 1.15 * max(numbers["mebibytes"]))
    right.plot(counts, numbers["mebibytes"], "o-", color=ORANGE)
    right.set(xlabel="submissions", ylabel="MiB", title=f"peak memory, {jobs} processes and all below", xlim=0)
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(PICTURE, dpi=130, metadata={"Software": None})


if __name__ == "__main__":
    main()

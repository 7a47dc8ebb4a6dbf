"""Writes the outcomes of evaluate.mjs into the card (README.md), with pictures of some failures.

Usage: card.py NAME=FOLDER [...], where FOLDER is what generate.py wrote and FOLDER-fp32.jsonl and
FOLDER-int8.jsonl are what evaluate.mjs wrote from it. NAME is the heading of a table.
"""

import collections
import json
import pathlib
import shutil
import sys

import numpy as np

from generator.png import encode
from generator.wav import decode

from . import mel
from .export import FOLDER
from .reference import read_png

FAILURES = 6  # Of each table.
MARKERS = ("<!-- results -->", "<!-- end of results -->")


def read(path):
    """Records of a JSON lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def tally(records):
    """{family: [right, asked]}."""
    counts = collections.defaultdict(lambda: [0, 0])
    for record in records:
        counts[record["family"]][0] += record["given"] == record["answer"]
        counts[record["family"]][1] += 1
    return counts


def percent(right, asked):
    """Share in per cent, never rounded up to 100."""
    return f"{int(10000 * right / asked) / 100:.2f}"


def table(records, quantised):
    """Lines of one table, and the sums of its last line."""
    whole, whole_int8 = tally(records), tally(quantised)
    lines = ["| family | questions | fp32, % | int8, % |", "|---|---:|---:|---:|"]
    for family in sorted(whole):
        right, asked = whole[family]
        lines.append(
            f"| {family} | {asked} | {percent(right, asked)} | {percent(*whole_int8[family])} |"
        )
    sums = [[sum(v[k] for v in counts.values()) for k in (0, 1)] for counts in (whole, whole_int8)]
    lines.append(f"| **all** | {sums[0][1]} | **{percent(*sums[0])}** | **{percent(*sums[1])}** |")
    same = sum(a["given"] == b["given"] for a, b in zip(records, quantised))
    lines += ["", f"int8 gives the same text as fp32 on {same} of {len(records)} questions."]
    return lines, sums


def shown(folder, medium, target):
    """Puts a picture of a medium into the card's folder; returns its name."""
    if medium["kind"] == "image":
        shutil.copy(folder / medium["file"], target / medium["file"])
        return medium["file"]
    if medium["kind"] == "audio":
        window = mel.window(decode((folder / medium["file"]).read_bytes()))[::-1]
        grey = (255 * np.clip((window - window.min()) / np.ptp(window), 0, 1)).astype(np.uint8)
        name = medium["file"].replace(".wav", ".png")
        (target / name).write_bytes(encode(np.repeat(grey[..., None], 3, 2)))
        return name
    frames = [read_png(folder / file) for file in medium["frames"]]
    gap = np.full((96, 4, 3), 255, np.uint8)
    strip = [part for frame in frames for part in (frame, gap)][:-1]
    name = medium["frames"][0].replace("-0.png", ".png")
    (target / name).write_bytes(encode(np.concatenate(strip, 1)))
    return name


def failures(folder, records, target):
    """Lines of a table with one failure a family, some families."""
    lines = ["| media | question | right | given |", "|---|---|---|---|"]
    seen = set()
    for record in records:
        if record["given"] == record["answer"] or record["family"] in seen or not record["media"]:
            continue
        seen.add(record["family"])
        names = [shown(folder, medium, target) for medium in record["media"]]
        media = " ".join(f"![](card/{name})" for name in names)
        lines.append(f"| {media} | {record['question']} | {record['answer']} | {record['given']} |")
        if len(seen) == FAILURES:
            break
    return lines if seen else ["None."]


def insert(text):
    """Puts text between the card's two markers."""
    card = FOLDER / "README.md"
    before, rest = card.read_text(encoding="utf-8").split(MARKERS[0])
    after = rest.split(MARKERS[1])[1]
    parts = (before, MARKERS[0], "\n\n", text, "\n\n", MARKERS[1], after)
    card.write_text("".join(parts), encoding="utf-8")


def main():
    """Writes the tables and the pictures of some failures."""
    target = FOLDER / "card"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    overview = ["| about | questions | fp32, % | int8, % |", "|---|---:|---:|---:|"]
    parts = []
    for named in sys.argv[1:]:
        name, folder = named.split("=")
        folder = pathlib.Path(folder)
        records, quantised = (
            read(folder.with_name(f"{folder.name}-{kind}.jsonl")) for kind in ("fp32", "int8")
        )
        lines, sums = table(records, quantised)
        overview.append(
            f"| {name} | {sums[0][1]} | **{percent(*sums[0])}** | **{percent(*sums[1])}** |"
        )
        parts += ["", f"### {name[0].upper()}{name[1:]}", "", *lines]
        if any(record["media"] for record in records):
            parts += ["", "Some failures:", "", *failures(folder, records, target)]
    insert("\n".join(overview + parts))
    print("\n".join(overview))


if __name__ == "__main__":
    main()

"""Writes the outcomes of evaluate.mjs into the card (README.md), with pictures of some failures.

Usage: card.py FOLDER FP32 INT8, where FOLDER is what generate.py wrote.
"""

import collections
import json
import pathlib
import shutil
import sys

from .export import FOLDER

FAILURES = 8
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


def insert(text):
    """Puts text between the card's two markers."""
    card = FOLDER / "README.md"
    before, rest = card.read_text(encoding="utf-8").split(MARKERS[0])
    after = rest.split(MARKERS[1])[1]
    parts = (before, MARKERS[0], "\n\n", text, "\n\n", MARKERS[1], after)
    card.write_text("".join(parts), encoding="utf-8")


def main():
    """Writes the tables and copies the pictures of some failures."""
    folder, fp32, int8 = map(pathlib.Path, sys.argv[1:])
    records, quantised = read(fp32), read(int8)
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
    lines += ["", f"int8 gives the same text as fp32 on {same} of {len(records)} questions.", ""]
    lines += ["Some failures:", "", "| picture | question | right | given |", "|---|---|---|---|"]
    target = FOLDER / "card"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    shown = collections.Counter()
    for record in records:
        if record["given"] != record["answer"] and not shown[record["family"]]:
            shown[record["family"]] += 1
            name = record["picture"]
            shutil.copy(folder / name, target / name)
            lines.append(
                f"| ![](card/{name}) | {record['question']} | {record['answer']} | {record['given']} |"
            )
        if sum(shown.values()) == FAILURES:
            break
    insert("\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()

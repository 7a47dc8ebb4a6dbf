#!/usr/bin/python3
"""Writes pictures and questions.jsonl: generate.py --seed N --count M --out DIR [--size PX]."""

import argparse
import json
import pathlib

from generator.png import encode
from generator.scene import KINDS, make, questions, render
from generator.words import UNITS


def main():
    """Draws `count` scenes, from `seed` on, and asks all questions about each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True, help="seed of the first picture")
    parser.add_argument("--count", type=int, required=True, help="how many pictures")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder to write to")
    parser.add_argument("--size", type=int, default=UNITS, help="pixels on a side")
    parser.add_argument("--kind", choices=tuple(KINDS), help="only this kind of picture")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with (given.out / "questions.jsonl").open("w", encoding="utf-8") as lines:
        for seed in range(given.seed, given.seed + given.count):
            scene = make(seed, given.kind)
            picture = f"{scene['kind']}-{seed}.png"
            (given.out / picture).write_bytes(encode(render(scene, given.size)))
            for family, question, answer in questions(scene):
                record = {
                    "picture": picture, "family": family, "question": question, "answer": answer,
                }  # fmt: skip
                lines.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()

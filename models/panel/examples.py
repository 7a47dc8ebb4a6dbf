#!/usr/bin/python3
"""Draws the display pictures in examples/: 480 pixels, one or two of each kind, with questions."""

import json
import pathlib
import random

from generator.png import encode
from generator.scene import KINDS, make, render
from generator.wording import WORDINGS

FOLDER = pathlib.Path(__file__).resolve().parent / "examples"
# Name: (kind, seed, families to ask about). The seeds belong to none of the three splits.
PICTURES = {
    "rack": ("rack", 3_000_016, ("rack-fault", "rack-on", "rack-state")),
    "rack-2": ("rack", 3_000_001, ("rack-fault", "rack-off")),
    "heat-map": ("heat", 3_000_002, ("heat-hottest", "heat-row", "heat-any-critical")),
    "heat-map-2": ("heat", 3_000_063, ("heat-coolest", "heat-level", "heat-critical")),
    "shapes": ("shapes", 3_000_016, ("count-all", "where-is", "colour-of-shape", "what-is-at")),
    "shapes-2": ("shapes", 3_000_004, ("shape-of-colour", "exists", "count-shape")),
    "gauge": ("gauge", 3_000_002, ("gauge-value", "gauge-zone")),
    "bar-chart": ("bars", 3_000_012, ("bar-highest", "bar-value")),
    "lights": ("lights", 3_000_013, ("light-state", "light-count")),
    "display": ("display", 3_000_004, ("display-read", "display-colour")),
}


def main():
    """Writes the pictures and questions.jsonl, each family in its plainest wording."""
    FOLDER.mkdir(exist_ok=True)
    lines = []
    for name, (kind, seed, families) in PICTURES.items():
        scene = make(seed, kind)
        (FOLDER / f"{name}.png").write_bytes(encode(render(scene, 480)))
        module, content = KINDS[kind], scene["content"]
        asked = {}
        for family, values, answer in module.questions(content, random.Random(seed)):
            asked.setdefault(family, (WORDINGS[family][0].format(**values), answer))
        asked["describe"] = (WORDINGS["describe"][0], module.describe(content))
        for family in (*families, "describe"):
            question, answer = asked[family]
            record = {
                "picture": f"{name}.png",
                "family": f"describe-{kind}" if family == "describe" else family,
                "question": question,
                "answer": answer,
            }
            lines.append(json.dumps(record))
    (FOLDER / "questions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

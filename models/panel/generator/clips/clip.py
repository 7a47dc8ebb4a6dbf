"""From an integer seed to a clip, its frames, its labels and its questions."""

import random

import numpy as np

from .. import lights, shapes
from ..canvas import Canvas
from ..wording import put
from ..words import UNITS
from . import blink, gauges, motion
from .wording import WORDINGS

KINDS = {"motion": motion, "gauges": gauges, "blink": blink}
_SHARES = {"motion": 5, "gauges": 3, "blink": 4}
FRAMES = 4  # What the encoder sees: even instants, the first and the last included.
KIND_CELL = (5, 5)  # The last cell speaks for the whole clip.

# What a cell can say. Index 0 of each is "nothing".
HEADS = {
    "kind": tuple(KINDS),
    "thing": (*shapes.SHAPES, "gauge", "light"),
    "colour": shapes.COLOURS,
    "way": tuple(motion.WAYS.values()),
    "end": ("from", "to"),
    "trend": gauges.TRENDS,
    "change": blink.CHANGES,
    "dark": ("off",),
    "number": tuple(range(1, 10)),
}
assert set(lights.COLOURS) <= set(shapes.COLOURS)


def make(seed, kind=None):
    """The clip of a seed: a dictionary that says all there is to see."""
    rng = random.Random(seed * 5 + 2)
    drawn = rng.choices(tuple(_SHARES), tuple(_SHARES.values()))[0]
    kind = kind or drawn
    dark = rng.random() < 0.6
    grey = rng.uniform(14, 62) if dark else rng.uniform(188, 236)
    tint = [grey + rng.uniform(-9, 9) for _ in range(3)]
    return {
        "seed": seed,
        "kind": kind,
        "camera": (rng.uniform(-1.2, 1.2), rng.uniform(-1.2, 1.2), rng.uniform(0.975, 1.025)),
        "top": tint,
        "bottom": [v + rng.uniform(-14, 14) for v in tint],
        "blur": rng.choice((0.0, 0.0, rng.uniform(0, 0.8))),
        "noise": rng.choice((0.0, rng.uniform(0, 5))),
        "content": KINDS[kind].sample(rng),
    }


def render(clip, size=UNITS, frames=FRAMES):
    """Frames at even instants, uint8 [frames, size, size, 3]; grain differs from frame to frame."""
    drawn = np.empty((frames, size, size, 3), np.uint8)
    for index in range(frames):
        canvas = Canvas(size, clip["top"], clip["bottom"], clip["camera"])
        KINDS[clip["kind"]].draw(clip["content"], canvas, index / (frames - 1))
        drawn[index] = canvas.finish(clip["blur"], clip["noise"], clip["seed"] * 64 + index)
    return drawn


def cells(clip):
    """Dense labels: {(row, column): {head: value}}; cells not named say nothing."""
    said, whole = KINDS[clip["kind"]].cells(clip["content"])
    return {**said, KIND_CELL: {"kind": clip["kind"], **whole}}


def questions(clip, salt=0):
    """Records (family, question, answer) about a clip; another salt asks differently."""
    rng = random.Random(clip["seed"] * 1019 + salt + 9)
    module = KINDS[clip["kind"]]
    asked = module.questions(clip["content"], rng)
    asked.append(("clip-kind", {}, module.NAME))
    asked.append((f"describe-{clip['kind']}", {}, module.describe(clip["content"])))
    return [
        (family, put(family, values, rng, WORDINGS), answer) for family, values, answer in asked
    ]

"""From an integer seed to a scene, from a scene to its picture, its labels and its questions."""

import random

from . import bars, display, gauge, heat, lights, rack, shapes
from .canvas import Canvas
from .wording import put
from .words import UNITS

KINDS = {
    "shapes": shapes,
    "gauge": gauge,
    "bars": bars,
    "lights": lights,
    "display": display,
    "rack": rack,
    "heat": heat,
}
_SHARES = {"shapes": 8, "gauge": 2, "bars": 2, "lights": 2, "display": 2, "rack": 2, "heat": 3}
KIND_CELL = (5, 5)  # The last cell speaks for the whole picture.

# What a cell can say. Index 0 of each is "nothing"; a head of the encoder's pre-training reads each.
HEADS = {
    "kind": tuple(KINDS),
    "thing": (*shapes.SHAPES, "gauge", "bar", "light", "digit", "unit", "rack"),
    "colour": shapes.COLOURS,
    "state": rack.STATES,
    "number": tuple(range(10)),
    "level": tuple(range(heat.LEVELS)),
    "flag": ("most", "least"),
}


def make(seed, kind=None):
    """The scene of a seed: a dictionary that says all there is to see."""
    rng = random.Random(seed)
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
        "noise": rng.choice((0.0, rng.uniform(0, 7))),
        "content": KINDS[kind].sample(rng),
    }


def render(scene, size=UNITS):
    """The picture, uint8 [size, size, 3]. Blur and grain act on pixels, so they shrink with size."""
    canvas = Canvas(size, scene["top"], scene["bottom"], scene["camera"])
    KINDS[scene["kind"]].draw(scene["content"], canvas)
    return canvas.finish(scene["blur"], scene["noise"], scene["seed"])


def cells(scene):
    """Dense labels: {(row, column): {head: value}}; cells not named say nothing."""
    labelled = dict(KINDS[scene["kind"]].cells(scene["content"]))
    labelled[KIND_CELL] = {"kind": scene["kind"]}
    return labelled


def questions(scene, salt=0):
    """Records (family, question, answer) about a scene; another salt asks differently."""
    rng = random.Random(scene["seed"] * 1009 + salt + 1)
    module = KINDS[scene["kind"]]
    asked = module.questions(scene["content"], rng)
    asked.append(("kind", {}, module.NAME))
    asked.append((f"describe-{scene['kind']}", {}, module.describe(scene["content"])))
    return [(family, put(family, values, rng), answer) for family, values, answer in asked]

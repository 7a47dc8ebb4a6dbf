"""A fan: rushing air and a whine that rises, falls or stays."""

import numpy as np

from . import synthesis as s

NAME = "a fan"
WAYS = ("rising", "falling", "steady")


def sample(rng):
    """A whine between 150 and 900 Hz that changes by a third or more, or not at all."""
    return {
        "way": rng.choice(WAYS),
        "frequency": rng.uniform(150, 520),
        "ratio": rng.uniform(1.35, 1.9),
        "air": rng.uniform(0.15, 0.5),
        "smoothing": rng.uniform(0.2, 0.9),
        "timbre": (1.0, rng.uniform(0.2, 0.6), rng.uniform(0.05, 0.4)),
        "end": rng.uniform(1.3, 2.0),
    }


def synthesise(content, signal, generator):
    """Adds air and whine to a signal of silence, for all of its length."""
    count = len(signal)
    part = np.arange(count, dtype=np.float32) / count
    power = {"rising": part, "falling": 1 - part, "steady": np.full(count, 0.5, np.float32)}
    frequency = content["frequency"] * content["ratio"] ** power[content["way"]]
    piece = s.wave(frequency, count, content["timbre"])
    piece += content["air"] * s.coloured(generator, count, content["smoothing"])
    signal += s.fade(piece, 0.03, 0.03)


def labels(content):
    """One position in the middle says which way it goes."""
    return {12: {"source": "fan", "way": content["way"]}}, {}


def describe(content):
    """One sentence."""
    return f"A fan: {content['way']}."


def questions(content, rng):
    """Pairs (family, values for the wording, answer) of one sound."""
    asked = [("fan-way", {}, content["way"])]
    way = rng.choice(WAYS)
    asked.append(("fan-is", {"way": way}, "yes" if way == content["way"] else "no"))
    return asked

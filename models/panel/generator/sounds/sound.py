"""From an integer seed to a sound, its samples, its labels and its questions."""

import random

import numpy as np

from ..wording import put
from . import alarm, beeps, fan, quiet, tones
from . import synthesis as s
from .wording import WORDINGS

KINDS = {"tones": tones, "beeps": beeps, "alarm": alarm, "fan": fan, "quiet": quiet}
_SHARES = {"tones": 7, "beeps": 5, "alarm": 4, "fan": 3, "quiet": 1}
POSITIONS = 25  # The encoder's tokens, 80 ms each.
SUMMARY = POSITIONS - 1  # The last one speaks for the whole sound.

# What a position can say. Index 0 of each is "nothing".
HEADS = {
    "kind": tuple(KINDS),
    "source": ("tone", "beep", "alarm", "fan"),
    "pitch": tuple(s.PITCHES),
    "order": tones.ORDER,
    "last": ("last",),
    "total": tuple(range(1, 8)),
    "pattern": alarm.PATTERNS,
    "way": fan.WAYS,
    "index": tuple(range(1, 8)),
}
NOT_SPOKEN = ("index",)  # Helps the encoder to count; the decoder is not told.


def make(seed, kind=None):
    """The sound of a seed: a dictionary that says all there is to hear."""
    rng = random.Random(seed * 7 + 1)
    drawn = rng.choices(tuple(_SHARES), tuple(_SHARES.values()))[0]
    kind = kind or drawn
    content = KINDS[kind].sample(rng)
    whole = rng.random() < 0.6
    seconds = s.SECONDS if whole else rng.uniform(min(content["end"] + 0.05, 1.99), s.SECONDS)
    return {
        "seed": seed,
        "kind": kind,
        "seconds": seconds,
        "gain": 10 ** rng.uniform(-1.4, -0.2),
        "noise": 10 ** rng.uniform(-3.2, -1.7),
        "smoothing": rng.choice((0.0, rng.random())),
        "hum": rng.choice((0.0, 10 ** rng.uniform(-3, -1.6))),
        "mains": rng.choice((50, 60)),
        "content": content,
    }


def render(sound):
    """The samples, float32 from -1 to 1: what sounds, in a room that hums and rustles a little."""
    generator = np.random.default_rng(sound["seed"])
    signal = np.zeros(int(sound["seconds"] * s.RATE), np.float32)
    KINDS[sound["kind"]].synthesise(sound["content"], signal, generator)
    loudest = float(np.abs(signal).max())
    if loudest > 0:
        signal *= sound["gain"] / loudest
    room = max(sound["gain"], 0.1)  # Quiet sounds stand in a quiet room.
    signal += room * sound["noise"] * s.coloured(generator, len(signal), sound["smoothing"])
    if sound["hum"]:
        signal += room * sound["hum"] * s.wave(2 * sound["mains"], len(signal), (1.0, 0.5))
    return np.clip(signal, -1, 1)


def labels(sound):
    """Dense labels: {position: {head: value}}; positions not named say nothing."""
    said, whole = KINDS[sound["kind"]].labels(sound["content"])
    return {**said, SUMMARY: {"kind": sound["kind"], **whole}}


def questions(sound, salt=0):
    """Records (family, question, answer) about a sound; another salt asks differently."""
    rng = random.Random(sound["seed"] * 1013 + salt + 5)
    module, kind = KINDS[sound["kind"]], sound["kind"]
    asked = module.questions(sound["content"], rng)
    asked.append(("sound-kind", {}, module.NAME))
    if kind in ("alarm", "quiet") or rng.random() < 0.35:
        asked.append(("alarm-any", {}, "yes" if kind == "alarm" else "no"))
    if kind == "quiet" or rng.random() < 0.1:
        asked.append(("sound-quiet", {}, "yes" if kind == "quiet" else "no"))
    asked.append((f"describe-{kind}", {}, module.describe(sound["content"])))
    return [
        (family, put(family, values, rng, WORDINGS), answer) for family, values, answer in asked
    ]

"""An alarm that fills the whole sound: steady, pulsed, a siren, or two tones in turn."""

import numpy as np

from . import synthesis as s

NAME = "an alarm"
PATTERNS = ("steady", "pulsed", "siren", "two-tone")
_TIMBRES = ((1.0, 0.0, 0.33, 0.0, 0.2), (1.0, 0.5, 0.33, 0.25, 0.2), (0.7, 0.7, 0.4, 0.3, 0.2))


def sample(rng):
    """A pattern with its pitch and pace."""
    return {
        "pattern": rng.choice(PATTERNS),
        "frequency": rng.uniform(600, 1300),
        "ratio": rng.uniform(1.3, 1.7),
        "pulses": rng.uniform(6, 9),
        "sweep": rng.uniform(0.45, 1.1),
        "turn": rng.uniform(0.18, 0.4),
        "phase": rng.random(),
        "timbre": rng.choice(_TIMBRES),
        "end": rng.uniform(1.2, 2.0),
    }


def synthesise(content, signal, generator):
    """Adds the alarm to a signal of silence, for all of its length."""
    del generator
    count = len(signal)
    time = np.arange(count, dtype=np.float32) / s.RATE
    base, ratio, pattern = content["frequency"], content["ratio"], content["pattern"]
    if pattern == "siren":
        swing = np.abs((time / content["sweep"] + content["phase"]) % 1 * 2 - 1)
        frequency = base * ratio**swing
    elif pattern == "two-tone":
        second = ((time / content["turn"] + content["phase"]) % 2) >= 1
        frequency = np.where(second, base * ratio, base)
    else:
        frequency = base
    piece = s.wave(frequency, count, content["timbre"])
    if pattern == "pulsed":
        swing = np.abs((time * content["pulses"] + content["phase"]) % 1 * 2 - 1)
        piece *= np.clip((0.5 - swing) * 12 + 0.5, 0, 1)
    signal += s.fade(piece, 0.01, 0.01)


def labels(content):
    """One position in the middle says the pattern."""
    return {12: {"source": "alarm", "pattern": content["pattern"]}}, {}


def describe(content):
    """One sentence."""
    return f"An alarm: {content['pattern']}."


def questions(content, rng):
    """Pairs (family, values for the wording, answer) of one sound."""
    del rng
    return [("alarm-which", {}, content["pattern"]), ("alarm-which", {}, content["pattern"])]

"""Waves, envelopes and noise, one array operation each. Times are in seconds, pitches in hertz."""

import numpy as np

RATE = 16_000
SECONDS = 2.0
SAMPLES = int(RATE * SECONDS)
PITCHES = {"low": (200, 330), "middle": (540, 800), "high": (1300, 2100)}
# Strengths of a tone's harmonics.
TIMBRES = (
    (1.0,),
    (1.0, 0.35, 0.15),
    (1.0, 0.0, 0.33, 0.0, 0.2),
    (0.8, 0.5, 0.35, 0.2, 0.1),
)


def wave(frequency, count, timbre, phase=0.0):
    """`count` samples of a periodic wave; `frequency` is a number or an array of that length."""
    turn = np.float32(2 * np.pi / RATE)
    if np.ndim(frequency):
        base = np.cumsum(np.asarray(frequency, np.float64) * turn).astype(np.float32)
    else:
        base = np.arange(count, dtype=np.float32) * np.float32(frequency * turn)
    base = base + np.float32(phase)
    parts = [np.float32(a) * np.sin(base * (k + 1)) for k, a in enumerate(timbre) if a]
    return sum(parts)


def fade(signal, attack, release):
    """Fades a signal in and out, in place."""
    rise = min(max(1, int(attack * RATE)), len(signal) // 2)
    fall = min(max(1, int(release * RATE)), len(signal) // 2)
    signal[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    signal[-fall:] *= np.linspace(1, 0, fall, dtype=np.float32)
    return signal


def put(signal, start, piece):
    """Adds a piece to a signal from a time on."""
    first = int(start * RATE)
    signal[first : first + len(piece)] += piece[: len(signal) - first]


def coloured(generator, count, smoothing):
    """Noise of standard deviation 1; a larger `smoothing` (0 to 1) takes the high pitches away."""
    noise = generator.standard_normal(count, dtype=np.float32)
    width = 1 + int(24 * smoothing)
    if width > 1:
        sums = np.cumsum(np.concatenate((np.zeros(width, np.float32), noise)), dtype=np.float64)
        noise = ((sums[width:] - sums[:-width]) * width**-0.5).astype(np.float32)
    return noise


def positions(start, end):
    """The encoder's positions (80 ms each, the last excepted) whose middle is in a span of time."""
    first, last = np.ceil(start / 0.08 - 0.5), np.floor(end / 0.08 - 0.5)
    return range(max(0, int(first)), min(23, int(last)) + 1)

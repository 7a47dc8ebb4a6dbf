"""One to seven short beeps, all alike, at even distances."""

from . import synthesis as s

NAME = "beeps"


def sample(rng):
    """Beeps of about 0.1 s, much shorter than tones."""
    count = rng.randint(1, 7)
    length = rng.uniform(0.085, 0.12)
    longest = 0.4 if count < 2 else (1.84 - length) / (count - 1)
    step = rng.uniform(0.22, min(0.4, longest)) if longest > 0.22 else longest
    start = rng.uniform(0.02, 1.88 - length - step * (count - 1))
    pitch = rng.choice(tuple(s.PITCHES))
    return {
        "count": count,
        "pitch": pitch,
        "frequency": rng.uniform(*s.PITCHES[pitch]),
        "starts": [start + index * step for index in range(count)],
        "length": length,
        "timbre": rng.choice(s.TIMBRES),
        "end": start + step * (count - 1) + length,
    }


def synthesise(content, signal, generator):
    """Adds the beeps to a signal of silence."""
    del generator
    piece = s.wave(content["frequency"], int(content["length"] * s.RATE), content["timbre"])
    s.fade(piece, 0.004, 0.012)
    for start in content["starts"]:
        s.put(signal, start, piece)


def labels(content):
    """Every position inside a beep says its pitch; its number helps the encoder to count."""
    said = {}
    for index, start in enumerate(content["starts"]):
        for position in s.positions(start, start + content["length"]):
            said[position] = {"source": "beep", "pitch": content["pitch"], "index": index + 1}
    return said, {"total": content["count"], "pitch": content["pitch"]}


def describe(content):
    """One sentence."""
    return f"{content['count']} {content['pitch']} beep{'s' if content['count'] > 1 else ''}."


def questions(content, rng):
    """Pairs (family, values for the wording, answer) of one sound."""
    del rng
    return [
        ("beep-count", {}, str(content["count"])),
        ("beep-count", {}, str(content["count"])),
        ("beep-pitch", {}, content["pitch"]),
    ]

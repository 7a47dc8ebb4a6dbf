"""One to four tones, one after the other, each low, middle or high."""

from . import synthesis as s

NAME = "tones"
ORDER = ("first", "second", "third", "fourth")


def sample(rng):
    """Tones of 0.2 s and more, with gaps between them that can be heard."""
    count = rng.choice((1, 2, 2, 3, 3, 4, 4))
    room = 1.86 / count
    at = 0.02 if count == 4 else rng.uniform(0.02, 0.2)
    length = rng.uniform(0.2, min(0.44, room - 0.12))
    step = rng.uniform(length + 0.09, (1.88 - at - length) / max(1, count - 1))
    step = min(step, 0.75)
    tones = []
    for index in range(count):
        pitch = rng.choice(tuple(s.PITCHES))
        tones.append(
            {
                "pitch": pitch,
                "frequency": rng.uniform(*s.PITCHES[pitch]),
                "start": at + index * step,
                "end": at + index * step + length,
                "strength": rng.uniform(0.8, 1.0),
            }
        )
    return {
        "tones": tones,
        "timbre": rng.choice(s.TIMBRES),
        "attack": rng.uniform(0.004, 0.03),
        "release": rng.uniform(0.01, 0.08),
        "end": tones[-1]["end"],
    }


def synthesise(content, signal, generator):
    """Adds the tones to a signal of silence."""
    del generator
    for tone in content["tones"]:
        count = int((tone["end"] - tone["start"]) * s.RATE)
        piece = s.wave(tone["frequency"], count, content["timbre"]) * tone["strength"]
        s.put(signal, tone["start"], s.fade(piece, content["attack"], content["release"]))


def labels(content):
    """Every position inside a tone says its pitch and its place in the order."""
    tones, said = content["tones"], {}
    for index, tone in enumerate(tones):
        for position in s.positions(tone["start"], tone["end"]):
            said[position] = {
                "source": "tone",
                "pitch": tone["pitch"],
                "order": ORDER[index],
                "index": index + 1,
                "last": "last" if index == len(tones) - 1 else None,
            }
    return said, {"total": len(tones)}


def describe(content):
    """One sentence with the pitches in order."""
    pitches = [tone["pitch"] for tone in content["tones"]]
    return f"{len(pitches)} tone{'s' if len(pitches) > 1 else ''}: {', '.join(pitches)}."


def questions(content, rng):
    """Pairs (family, values for the wording, answer) of one sound."""
    pitches = [tone["pitch"] for tone in content["tones"]]
    asked = [("tone-count", {}, str(len(pitches)))]
    named = [*zip(ORDER, pitches), ("last", pitches[-1])]
    for order, pitch in rng.sample(named, min(3, len(named))):
        asked.append(("tone-pitch", {"order": order}, pitch))
    pitch = rng.choice(tuple(s.PITCHES))
    asked.append(("tone-any", {"pitch": pitch}, "yes" if pitch in pitches else "no"))
    return asked

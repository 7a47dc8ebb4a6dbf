"""A round gauge from 0 to 100 with a green, a yellow and a red zone."""

import math

from .words import RGB

NAME = "a gauge"
ZONES = ((0, 62.5, "green"), (62.5, 82.5, "yellow"), (82.5, 100, "red"))
_START, _SWEEP = math.radians(135), math.radians(270)


def sample(rng):
    """A reading in steps of 5."""
    return {
        "value": 5 * rng.randrange(21),
        "x": 48 + rng.uniform(-3, 3),
        "y": 49 + rng.uniform(-3, 3),
        "radius": rng.uniform(36, 42),
        "light_face": rng.random() < 0.6,
        "needle_width": rng.uniform(2.2, 3.6),
        "needle": rng.choice(((30, 30, 34), (200, 30, 30), (20, 50, 120))),
        "off": rng.uniform(-0.5, 0.5),
    }


def zone(scene):
    """The colour of the zone that the needle is in."""
    return next(name for low, high, name in ZONES if low <= scene["value"] <= high)


def draw(scene, canvas):
    """Face, zones, ticks at every ten, needle."""
    x, y, radius = scene["x"], scene["y"], scene["radius"]
    face = (236, 236, 230) if scene["light_face"] else (34, 36, 42)
    ink = (40, 40, 44) if scene["light_face"] else (214, 214, 210)
    needle = scene["needle"] if scene["light_face"] else (240, 240, 236)
    canvas.disc(x, y, radius + 2, (90, 94, 100))
    canvas.disc(x, y, radius, face)
    for low, high, colour in ZONES:
        canvas.arc(x, y, radius - 4, 4.5, _angle(low), _angle(high), RGB[colour])
    for mark in range(0, 101, 10):
        cos, sin = math.cos(_angle(mark)), math.sin(_angle(mark))
        inner = radius - (12 if mark % 50 == 0 else 9.5)
        outer = radius - 7
        canvas.line(
            x + cos * inner, y + sin * inner, x + cos * outer, y + sin * outer, 1.2, ink
        )
    angle = _angle(scene["value"] + scene["off"])
    reach = radius - 8
    canvas.line(
        x - 5 * math.cos(angle), y - 5 * math.sin(angle),
        x + reach * math.cos(angle), y + reach * math.sin(angle),
        scene["needle_width"], needle,
    )  # fmt: skip
    canvas.disc(x, y, 4, needle)


def _angle(value):
    return _START + _SWEEP * value / 100


def cells(scene):
    """Digits of the reading, right-aligned in the third row; the zone below."""
    digits = str(scene["value"])
    spoken = {
        (2, 4 - len(digits) + index): {"thing": "gauge", "number": int(digit)}
        for index, digit in enumerate(digits)
    }
    spoken[(3, 2)] = {"thing": "gauge", "colour": zone(scene)}
    return spoken


def describe(scene):
    """One sentence."""
    return f"A gauge that reads {scene['value']}, in the {zone(scene)} zone."


def questions(scene, rng):
    """Pairs (family, values for the wording, answer) of one scene."""
    value = scene["value"]
    asked = [("gauge-value", {}, str(value)), ("gauge-zone", {}, zone(scene))]
    limits = [limit for limit in range(10, 100, 10) if limit != value]
    near = [limit for limit in limits if abs(limit - value) <= 20] or limits
    for limit in dict.fromkeys((rng.choice(limits), rng.choice(near))):
        asked.append(("gauge-above", {"limit": limit}, "yes" if value > limit else "no"))
    return asked

"""A bar chart of 3 to 6 bars, each of another colour, with values from 1 to 9."""

from .words import COLOURS, RGB

NAME = "a bar chart"
_BASE, _STEP = 88, 8.6  # The base line's y and the height of 1, in units.


def sample(rng):
    """Bars stand on neighbouring columns of cells; the highest and the lowest are unique."""
    count = rng.randint(3, 6)
    values = [rng.randint(1, 9) for _ in range(count)]
    while values.count(max(values)) > 1 or values.count(min(values)) > 1:
        values = [rng.randint(1, 9) for _ in range(count)]
    first = rng.randint(0, 6 - count)
    bars = [
        {
            "column": first + index,
            "colour": colour,
            "value": value,
            "x": 16 * (first + index) + 8 + rng.uniform(-1, 1),
            "rgb": tuple(min(255, max(0, v + rng.uniform(-14, 14))) for v in RGB[colour]),
        }
        for index, (colour, value) in enumerate(zip(rng.sample(COLOURS, count), values))
    ]
    return {"bars": bars, "width": rng.uniform(8.5, 13), "grid": rng.random() < 0.75}


def draw(scene, canvas):
    """Grid lines at every unit (in most charts), base line, bars."""
    dark = canvas.pixels.mean() < 128
    ink = (168, 172, 178) if dark else (84, 88, 94)
    if scene["grid"]:
        for value in range(1, 10):
            y = _BASE - value * _STEP
            canvas.line(2, y, 94, y, 0.7, ink, 0.7 if value % 5 == 0 else 0.35)
    for bar in scene["bars"]:
        x, half = bar["x"], scene["width"] / 2
        canvas.box(x - half, _BASE - bar["value"] * _STEP, x + half, _BASE, bar["rgb"])
    canvas.line(1, _BASE, 95, _BASE, 1.4, ink)


def _extremes(scene):
    bars = scene["bars"]
    return max(bars, key=lambda bar: bar["value"]), min(bars, key=lambda bar: bar["value"])


def cells(scene):
    """Each bar speaks through the fifth cell of its column."""
    highest, lowest = _extremes(scene)
    return {
        (4, bar["column"]): {
            "thing": "bar",
            "colour": bar["colour"],
            "number": bar["value"],
            "flag": "most" if bar is highest else "least" if bar is lowest else None,
        }
        for bar in scene["bars"]
    }


def describe(scene):
    """One sentence with the two bars that stand out."""
    highest, lowest = _extremes(scene)
    return (
        f"A bar chart with {len(scene['bars'])} bars: {highest['colour']} is the highest with "
        f"{highest['value']}, {lowest['colour']} the lowest with {lowest['value']}."
    )


def questions(scene, rng):
    """Pairs (family, values for the wording, answer) of one scene."""
    bars = scene["bars"]
    highest, lowest = _extremes(scene)
    asked = [
        ("bar-count", {}, str(len(bars))),
        ("bar-highest", {}, highest["colour"]),
        ("bar-lowest", {}, lowest["colour"]),
    ]
    for bar in rng.sample(bars, 3):
        asked.append(("bar-value", {"colour": bar["colour"]}, str(bar["value"])))
    return asked

"""A seven-segment display of four places; a number without leading zeros, right-aligned."""

import math

from .words import RGB

NAME = "a display"
COLOURS = ("red", "green", "blue", "orange")
COLUMNS = (0, 2, 3, 5)  # The cell column of each of the four places.
_SEGMENTS = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")


def sample(rng):
    """A number of 1 to 4 digits."""
    length = rng.choice((1, 2, 3, 3, 4, 4))
    low = 10 ** (length - 1) if length > 1 else 0
    return {
        "value": rng.randrange(low, 10**length),
        "colour": rng.choice(COLOURS),
        "x": 48 + rng.uniform(-2, 2),
        "y": 46 + rng.uniform(-5, 5),
        "height": rng.uniform(29, 38),
        "thickness": rng.uniform(3.0, 4.2),
        "slant": rng.choice((0.0, 0.0, 0.1)),
        "ghost": rng.choice((0.0, 0.05, 0.09)),
    }


def draw(scene, canvas):
    """A dark window; lit segments; at times the unlit ones show faintly."""
    x, y, half = scene["x"], scene["y"], scene["height"] / 2
    canvas.box(x - 46, y - half - 7, x + 46, y + half + 7, (70, 72, 78), 4)
    canvas.box(x - 44, y - half - 5, x + 44, y + half + 5, (14, 15, 18), 3)
    text = str(scene["value"]).rjust(4)
    for place, digit in enumerate(text):
        lit = _SEGMENTS[int(digit)] if digit != " " else ""
        for name, stroke in _strokes(x - 33 + 22 * place, y, scene).items():
            if name in lit:
                canvas.line(*stroke, scene["thickness"], RGB[scene["colour"]])
            elif scene["ghost"]:
                canvas.line(*stroke, scene["thickness"], RGB[scene["colour"]], scene["ghost"])


def _strokes(x, y, scene):
    """Segments a to g of one digit, as lines (x0, y0, x1, y1)."""
    half_y = scene["height"] / 2 - scene["thickness"] / 2
    half_x, gap, slant = 6.2, 1.6, scene["slant"]

    def stroke(x0, y0, x1, y1):
        length = math.hypot(x1 - x0, y1 - y0)
        dx, dy = (x1 - x0) / length * gap, (y1 - y0) / length * gap
        ya, yb = y0 + dy, y1 - dy
        return x + x0 + dx - slant * ya, y + ya, x + x1 - dx - slant * yb, y + yb

    return {
        "a": stroke(-half_x, -half_y, half_x, -half_y),
        "b": stroke(half_x, -half_y, half_x, 0),
        "c": stroke(half_x, 0, half_x, half_y),
        "d": stroke(-half_x, half_y, half_x, half_y),
        "e": stroke(-half_x, 0, -half_x, half_y),
        "f": stroke(-half_x, -half_y, -half_x, 0),
        "g": stroke(-half_x, 0, half_x, 0),
    }


def cells(scene):
    """Each lit digit speaks through the cell of the third row at its place."""
    text = str(scene["value"])
    return {
        (2, COLUMNS[4 - len(text) + index]): {
            "thing": "digit",
            "number": int(digit),
            "colour": scene["colour"],
        }
        for index, digit in enumerate(text)
    }


def describe(scene):
    """One sentence."""
    return f"A display that shows {scene['value']} in {scene['colour']}."


def questions(scene, rng):
    """Pairs (family, values for the wording, answer) of one scene."""
    del rng
    text = str(scene["value"])
    return [
        ("display-read", {}, text),
        ("display-read", {}, text),
        ("display-digits", {}, str(len(text))),
        ("display-colour", {}, scene["colour"]),
    ]

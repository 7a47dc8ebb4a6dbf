"""One to four coloured shapes, of which one moves straight to a free place."""

from .. import shapes
from ..words import COLOURS, PLACES, RGB, SHAPES, place_cell, place_centre

NAME = "shapes"
WAYS = {
    (-1, 0): "up", (1, 0): "down", (0, -1): "left", (0, 1): "right",
    (-1, -1): "up left", (-1, 1): "up right", (1, -1): "down left", (1, 1): "down right",
}  # fmt: skip


def _paths(taken, start):
    """(way, end) of every straight path from a place that crosses and ends on free places."""
    row, column = divmod(start, 3)
    found = []
    for (down, right), way in WAYS.items():
        for steps in (1, 2):
            to_row, to_column = row + steps * down, column + steps * right
            if not (0 <= to_row < 3 and 0 <= to_column < 3) or 3 * to_row + to_column in taken:
                break
            found.append((way, 3 * to_row + to_column))
    return found


def sample(rng):
    """Things of different looks; the first of them moves."""
    while True:
        count = rng.choice((1, 2, 2, 3, 3, 4))
        places = rng.sample(range(9), count)
        paths = _paths(places, places[0])
        if paths:
            break
    looks = []
    while len(looks) < count:
        look = (rng.choice(COLOURS), rng.choice(SHAPES))
        if look not in looks:
            looks.append(look)
    way = rng.choice(sorted({way for way, _ in paths}))
    things = []
    for place, (colour, shape) in zip(places, looks):
        x, y = place_centre(place)
        things.append(
            {
                "place": place,
                "colour": colour,
                "shape": shape,
                "x": x + rng.uniform(-3, 3),
                "y": y + rng.uniform(-3, 3),
                "radius": rng.uniform(7.5, 11.5),
                "angle": rng.uniform(-0.16, 0.16),
                "rgb": tuple(min(255, max(0, v + rng.uniform(-16, 16))) for v in RGB[colour]),
            }
        )
    return {
        "things": things,
        "way": way,
        "end": rng.choice([end for found, end in paths if found == way]),
        "pause": rng.uniform(0, 0.18),
        "rest": rng.uniform(0, 0.18),
        "edged": rng.random() < 0.3,
    }


def draw(content, canvas, time):
    """All things; the one that moves on its way."""
    mover, *others = content["things"]
    (x0, y0), (x1, y1) = place_centre(mover["place"]), place_centre(content["end"])
    part = (time - content["pause"]) / (1 - content["pause"] - content["rest"])
    part = min(1.0, max(0.0, part))
    moved = {**mover, "x": mover["x"] + part * (x1 - x0), "y": mover["y"] + part * (y1 - y0)}
    shapes.draw({"things": [*others, moved], "edged": content["edged"]}, canvas)


def cells(content):
    """What stands speaks at its place; what moves where it ends; where it was says so."""
    mover, *others = content["things"]
    said = {
        place_cell(thing["place"]): {"thing": thing["shape"], "colour": thing["colour"]}
        for thing in others
    }
    said[place_cell(mover["place"])] = {"end": "from", "way": content["way"]}
    said[place_cell(content["end"])] = {
        "end": "to",
        "way": content["way"],
        "thing": mover["shape"],
        "colour": mover["colour"],
    }
    return said, {"number": len(content["things"])}


def describe(content):
    """One sentence."""
    mover = content["things"][0]
    return (
        f"A {mover['colour']} {mover['shape']} moved {content['way']}, "
        f"from {PLACES[mover['place']]} to {PLACES[content['end']]}."
    )


def questions(content, rng):
    """Pairs (family, values for the wording, answer) of one clip."""
    mover, *others = content["things"]
    asked = [
        ("move-what", {}, f"{mover['colour']} {mover['shape']}"),
        ("move-way", {}, content["way"]),
        ("move-from", {}, PLACES[mover["place"]]),
        ("move-to", {}, PLACES[content["end"]]),
        ("move-count", {}, str(len(content["things"]))),
    ]
    thing = rng.choice(others) if others and rng.random() < 0.5 else mover
    values = {"colour": thing["colour"], "shape": thing["shape"]}
    asked.append(("move-did", values, "yes" if thing is mover else "no"))
    return asked

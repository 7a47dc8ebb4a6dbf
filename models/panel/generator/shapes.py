"""Coloured shapes, at most one in each of the nine places."""

import math

from .canvas import turned
from .words import COLOURS, PLACES, PLURALS, RGB, SHAPES, article, place_cell, place_centre

NAME = "coloured shapes"
_CROSS = (
    (-0.36, -1), (0.36, -1), (0.36, -0.36), (1, -0.36), (1, 0.36), (0.36, 0.36),
    (0.36, 1), (-0.36, 1), (-0.36, 0.36), (-1, 0.36), (-1, -0.36), (-0.36, -0.36),
)  # fmt: skip
_FIGURES = {
    "square": ((-0.84, -0.84), (0.84, -0.84), (0.84, 0.84), (-0.84, 0.84)),
    "triangle": ((0, -1), (0.95, 0.75), (-0.95, 0.75)),
    "diamond": ((0, -1.15), (0.78, 0), (0, 1.15), (-0.78, 0)),
    "cross": _CROSS,
    "star": tuple(
        (r * math.sin(k * math.pi / 5), -r * math.cos(k * math.pi / 5))
        for k, r in enumerate((1.12, 0.46) * 5)
    ),
}


def sample(rng):
    """1 to 7 things; few colours and shapes at times, so that some things share an attribute."""
    count = rng.choice((1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7))
    colours = rng.sample(COLOURS, rng.choice((2, 3, 4, 5, 8, 8)))
    shapes = rng.sample(SHAPES, rng.choice((2, 3, 4, 7, 7)))
    things = []
    for place in sorted(rng.sample(range(9), count)):
        x, y = place_centre(place)
        colour = rng.choice(colours)
        things.append(
            {
                "place": place,
                "colour": colour,
                "shape": rng.choice(shapes),
                "x": x + rng.uniform(-4, 4),
                "y": y + rng.uniform(-4, 4),
                "radius": rng.uniform(7.5, 11.5),
                "angle": rng.uniform(-0.16, 0.16),
                "rgb": tuple(min(255, max(0, v + rng.uniform(-16, 16))) for v in RGB[colour]),
            }
        )
    return {"things": things, "edged": rng.random() < 0.3}


def draw(scene, canvas):
    """Draws every thing, some scenes with a dark edge around each."""
    for thing in scene["things"]:
        if scene["edged"]:
            _draw_thing(canvas, thing, thing["radius"] + 1.2, (18, 18, 22))
        _draw_thing(canvas, thing, thing["radius"], thing["rgb"])


def _draw_thing(canvas, thing, radius, rgb):
    x, y, shape = thing["x"], thing["y"], thing["shape"]
    if shape == "circle":
        canvas.disc(x, y, radius, rgb)
    elif shape == "ring":
        canvas.ring(x, y, radius * 0.76, radius * 0.42, rgb)
    else:
        canvas.polygon(turned(_FIGURES[shape], x, y, radius, thing["angle"]), rgb)


def cells(scene):
    """Labels of the cell that speaks for each thing's place."""
    return {
        place_cell(thing["place"]): {"thing": thing["shape"], "colour": thing["colour"]}
        for thing in scene["things"]
    }


def describe(scene):
    """One sentence that lists all things in reading order."""
    things = scene["things"]
    parts = [
        f"{PLACES[thing['place']]} {article(thing['colour'])} {thing['shape']}"
        for thing in things
    ]
    return f"{len(things)} shape{'s' if len(things) > 1 else ''}: {', '.join(parts)}."


def questions(scene, rng):
    """Pairs (family, values for the wording, answer) of one scene; lookups refer to one thing."""
    things = scene["things"]
    colours = [thing["colour"] for thing in things]
    shapes = [thing["shape"] for thing in things]
    both = list(zip(colours, shapes))
    asked = [("count-all", {}, str(len(things)))]
    for colour in dict.fromkeys((rng.choice(colours), rng.choice(COLOURS))):
        asked.append(("count-colour", {"colour": colour}, str(colours.count(colour))))
    for shape in dict.fromkeys((rng.choice(shapes), rng.choice(SHAPES))):
        asked.append(("count-shape", {"shapes": PLURALS[shape]}, str(shapes.count(shape))))
    for pair in dict.fromkeys((rng.choice(both), (rng.choice(colours), rng.choice(shapes)))):
        values = {"colour": pair[0], "shapes": PLURALS[pair[1]]}
        asked.append(("count-colour-shape", values, str(both.count(pair))))
    for pair in dict.fromkeys((rng.choice(both), _absent(both, rng))):
        values = {"a_colour": article(pair[0]), "shape": pair[1]}
        asked.append(("exists", values, "yes" if pair in both else "no"))
    for thing, pair in zip(things, both):
        names = []
        if shapes.count(thing["shape"]) == 1:
            asked.append(("colour-of-shape", {"shape": thing["shape"]}, thing["colour"]))
            names.append(thing["shape"])
        if colours.count(thing["colour"]) == 1:
            asked.append(("shape-of-colour", {"colour": thing["colour"]}, thing["shape"]))
            names.append(thing["colour"] + " one")
        if both.count(pair) == 1:
            names += [f"{thing['colour']} {thing['shape']}"] * 2
        if names:
            asked.append(("where-is", {"name": rng.choice(names)}, PLACES[thing["place"]]))
    taken = {thing["place"]: f"{thing['colour']} {thing['shape']}" for thing in things}
    for place in dict.fromkeys((*rng.sample(sorted(taken), min(3, len(taken))), rng.randrange(9))):
        asked.append(("what-is-at", {"place": PLACES[place]}, taken.get(place, "nothing")))
    return asked


def _absent(both, rng):
    """A pair of colour and shape that is not there, half of the time made of ones that are."""
    while True:
        near = rng.random() < 0.6
        colour = rng.choice(both)[0] if near else rng.choice(COLOURS)
        shape = rng.choice(both)[1] if near and rng.random() < 0.5 else rng.choice(SHAPES)
        if (colour, shape) not in both:
            return colour, shape

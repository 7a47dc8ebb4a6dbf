"""A heat map of 2 or 3 rows (A, B, C) of 3 to 6 racks, numbered from the left."""

from .words import HEAT_WORDS

NAME = "a heat map"
LEVELS = 12  # Two levels to each of the six heat words.
_MAP = (
    (28, 40, 130), (40, 84, 206), (40, 144, 232), (48, 200, 214), (56, 196, 120), (110, 204, 70),
    (184, 216, 56), (244, 226, 60), (250, 178, 44), (244, 120, 36), (224, 48, 40), (150, 16, 40),
)  # fmt: skip


def sample(rng):
    """Levels 0 to 11 on a grid; the hottest and the coolest are unique."""
    rows, columns = rng.choice((2, 3, 3)), rng.randint(3, 6)
    high = rng.randint(5, LEVELS - 1)
    low = rng.randint(0, min(high - 3, 4))
    racks = [(row, column) for row in range(rows) for column in range(columns)]
    hottest, coolest = rng.sample(racks, 2)
    spread = rng.random() < 0.5
    levels = {
        rack: high if rack == hottest else low if rack == coolest
        else rng.randint(low + 1, high - 1) if spread or high - low < 5
        else rng.choice((low + 1, low + 2, high - 1, high - 2))
        for rack in racks
    }  # fmt: skip
    return {
        "rows": rows,
        "columns": columns,
        "levels": levels,
        "hottest": hottest,
        "coolest": coolest,
        "x": rng.uniform(-1.5, 1.5),
        "y": rng.uniform(-2.5, 2.5),
        "half_width": rng.uniform(5.6, 7.4),
        "half_height": rng.uniform(10, 13.5),
        "scale_bar": rng.random() < 0.7,
        "drift": {rack: rng.uniform(-0.12, 0.12) for rack in racks},
    }


def colour_at(level):
    """RGB of a level, which may lie between two."""
    level = min(max(level, 0), LEVELS - 1)
    below = min(int(level), LEVELS - 2)
    part = level - below
    return tuple(a + part * (b - a) for a, b in zip(_MAP[below], _MAP[below + 1]))


def draw(scene, canvas):
    """Racks from above; a scale at the right side where there is room."""
    for (row, column), level in scene["levels"].items():
        x, y = 8 + 16 * column + scene["x"], 16 + 32 * row + scene["y"]
        rgb = colour_at(level + scene["drift"][(row, column)])
        half_x, half_y = scene["half_width"], scene["half_height"]
        canvas.box(x - half_x, y - half_y, x + half_x, y + half_y, rgb, 1.2)
        canvas.line(x - half_x + 2, y, x + half_x - 2, y, 0.8, (20, 20, 24), 0.4)
    if scene["scale_bar"] and scene["columns"] < 6:
        for level in range(LEVELS):
            y = 88 - 6.6 * level
            canvas.box(89, y - 3.4, 93, y + 3.4, colour_at(level))


def name(rack):
    """A rack's name, for example B2."""
    return "ABC"[rack[0]] + str(rack[1] + 1)


def word(scene, rack):
    """A rack's temperature as one of six words."""
    return HEAT_WORDS[scene["levels"][rack] // 2]


def critical(scene):
    """How many racks are above the limit (the two highest levels)."""
    return sum(level >= LEVELS - 2 for level in scene["levels"].values())


def cells(scene):
    """Each rack speaks through the upper of its two cells."""
    return {
        (2 * rack[0], rack[1]): {
            "thing": "rack",
            "level": level,
            "flag": "most" if rack == scene["hottest"]
            else "least" if rack == scene["coolest"] else None,
        }
        for rack, level in scene["levels"].items()
    }  # fmt: skip


def describe(scene):
    """One sentence."""
    return (
        f"A heat map with {scene['rows']} rows of {scene['columns']} racks: "
        f"{name(scene['hottest'])} is the hottest, {name(scene['coolest'])} the coolest."
    )


def questions(scene, rng):
    """Pairs (family, values for the wording, answer) of one scene."""
    above = critical(scene)
    asked = [
        ("heat-hottest", {}, name(scene["hottest"])),
        ("heat-coolest", {}, name(scene["coolest"])),
        ("heat-row", {}, "ABC"[scene["hottest"][0]]),
        ("heat-any-critical", {}, "yes" if above else "no"),
        ("heat-critical", {}, str(above)),
    ]
    racks = sorted(scene["levels"])
    for rack in rng.sample(racks, 3):
        asked.append(("heat-level", {"rack": name(rack)}, word(scene, rack)))
    return asked

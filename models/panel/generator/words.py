"""The words that pictures are made of: colours, shapes, places, and the seeds of the three splits."""

COLOURS = ("red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink")
RGB = {
    "red": (222, 44, 44),
    "orange": (246, 136, 26),
    "yellow": (244, 220, 44),
    "green": (46, 172, 66),
    "cyan": (54, 214, 222),
    "blue": (44, 84, 226),
    "purple": (138, 54, 182),
    "pink": (250, 140, 190),
}
SHAPES = ("circle", "square", "triangle", "diamond", "star", "cross", "ring")
PLURALS = {shape: shape + ("es" if shape == "cross" else "s") for shape in SHAPES}

# The nine thirds of a picture, in reading order; place k is row k // 3, column k % 3.
PLACES = (
    "top left", "top", "top right",
    "left", "center", "right",
    "bottom left", "bottom", "bottom right",
)  # fmt: skip
HEAT_WORDS = ("cold", "cool", "mild", "warm", "hot", "critical")

# Seeds. A split never shares a seed with another; test seeds are looked at once, for the card.
SEEDS = {"train": (0, 1_000_000), "dev": (1_000_000, 2_000_000), "test": (2_000_000, 3_000_000)}

UNITS = 96  # Scenes are described on a square of 96 units, whatever the resolution of the picture.
CELLS = 6  # The encoder sees a picture as 6 x 6 cells of 16 units.


def article(word):
    """The indefinite article in front of `word`, with the word."""
    return ("an " if word[0] in "aeiou" else "a ") + word


def place_centre(place):
    """Centre (x, y) of one of the nine places, in units."""
    return 16 + 32 * (place % 3), 16 + 32 * (place // 3)


def place_cell(place):
    """Cell (row, column) that speaks for a place: the upper left one of its four."""
    return 2 * (place // 3), 2 * (place % 3)

"""A panel of status lights in two or three rows of three, each lit in a colour or off."""

from .words import PLACES, RGB, place_cell, place_centre

NAME = "status lights"
COLOURS = ("red", "green", "yellow", "blue")
_STATES = COLOURS + ("off",)


def sample(rng):
    """The rows that have lights (all three, outer two, or the middle one) and each light's state."""
    rows = rng.choice(((0, 1, 2), (0, 1, 2), (0, 2), (1,)))
    likely = rng.sample(_STATES, rng.choice((2, 3, 5)))
    lights = []
    for place in (3 * row + column for row in rows for column in range(3)):
        x, y = place_centre(place)
        lights.append({"place": place, "state": rng.choice(likely), "x": x, "y": y})
    return {
        "lights": lights,
        "radius": rng.uniform(6.5, 10),
        "shift": (rng.uniform(-3, 3), rng.uniform(-3, 3)),
        "bezel": rng.choice(((150, 152, 156), (26, 26, 28), (92, 96, 100))),
    }


def draw(scene, canvas):
    """Bezel, lens, a highlight; a lit lens has a halo, a dark one is nearly black."""
    shift_x, shift_y = scene["shift"]
    radius = scene["radius"]
    for light in scene["lights"]:
        x, y = light["x"] + shift_x, light["y"] + shift_y
        lit = light["state"] != "off"
        rgb = RGB[light["state"]] if lit else (48, 50, 52)
        if lit:
            canvas.disc(x, y, radius + 4, rgb, 0.3)
        canvas.disc(x, y, radius + 1.6, scene["bezel"])
        canvas.disc(x, y, radius, rgb)
        bright = 0.65 if lit else 0.2
        canvas.disc(x - radius * 0.3, y - radius * 0.3, radius * 0.28, (255, 255, 255), bright)


def cells(scene):
    """Labels of the cell that speaks for each light's place."""
    return {
        place_cell(light["place"]): {"thing": "light", "state": "off"}
        if light["state"] == "off"
        else {"thing": "light", "colour": light["state"]}
        for light in scene["lights"]
    }


def describe(scene):
    """One sentence that counts the lights to look after."""
    states = [light["state"] for light in scene["lights"]]
    red, off = states.count("red"), states.count("off")
    return f"A panel with {len(states)} lights: {red} red, {off} off."


def questions(scene, rng):
    """Pairs (family, values for the wording, answer) of one scene."""
    lights = scene["lights"]
    states = [light["state"] for light in lights]
    asked = []
    for light in rng.sample(lights, min(4, len(lights))):
        asked.append(("light-state", {"place": PLACES[light["place"]]}, light["state"]))
    for state in dict.fromkeys((rng.choice(states), rng.choice(_STATES))):
        asked.append(("light-count", {"state": state}, str(states.count(state))))
    for state in dict.fromkeys((rng.choice(states), rng.choice(_STATES))):
        asked.append(("light-any", {"state": state}, "yes" if state in states else "no"))
    for light in lights:
        if states.count(light["state"]) == 1:
            asked.append(("light-where", {"state": light["state"]}, PLACES[light["place"]]))
    return asked

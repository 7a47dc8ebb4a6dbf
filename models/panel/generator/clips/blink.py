"""A panel of lights, of which at most one begins to blink, goes on or goes off."""

from .. import lights
from ..words import PLACES, place_cell

NAME = "lights"
CHANGES = ("blink", "on", "off")
_COURSES = {  # Lit or not at four even instants.
    "blink": ((1, 0, 1, 0), (1, 1, 0, 1), (1, 0, 1, 1), (0, 1, 0, 1)),
    "on": ((0, 0, 0, 1), (0, 0, 1, 1), (0, 1, 1, 1)),
    "off": ((1, 1, 1, 0), (1, 1, 0, 0), (1, 0, 0, 0)),
}
_HAPPENED = {"blink": "it began to blink", "on": "it went on", "off": "it went off"}


def sample(rng):
    """A panel as in pictures; the colour of the light that changes is the one it has when lit."""
    panel = lights.sample(rng)
    change = rng.choice((*CHANGES, *CHANGES, "blink", None))
    place = rng.choice([light["place"] for light in panel["lights"]])
    return {
        **panel,
        "change": change,
        "place": place,
        "colour": rng.choice(lights.COLOURS),
        "course": rng.choice(_COURSES[change]) if change else None,
    }


def draw(content, canvas, time):
    """The panel at a time from 0 to 1."""
    shown = []
    for light in content["lights"]:
        if content["change"] and light["place"] == content["place"]:
            lit = content["course"][round(3 * time)]
            shown.append({**light, "state": content["colour"] if lit else "off"})
        else:
            shown.append(light)
    lights.draw({**content, "lights": shown}, canvas)


def _colour(content, light):
    changes = content["change"] and light["place"] == content["place"]
    return content["colour"] if changes else light["state"]


def cells(content):
    """Each light says its colour, or that it is off; the one that changes what it does."""
    said = {}
    for light in content["lights"]:
        colour = _colour(content, light)
        cell = {"thing": "light", "dark": "off"} if colour == "off" else {"thing": "light", "colour": colour}
        if content["change"] and light["place"] == content["place"]:
            cell["change"] = content["change"]
        said[place_cell(light["place"])] = cell
    return said, {"number": len(content["lights"])}


def describe(content):
    """One sentence."""
    if not content["change"]:
        return "No light changed."
    happened = _HAPPENED[content["change"]].removeprefix("it ")
    return f"At the {PLACES[content['place']]} a {content['colour']} light {happened}."


def questions(content, rng):
    """Pairs (family, values for the wording, answer) of one clip."""
    change, place = content["change"], PLACES[content["place"]]
    others = [PLACES[l["place"]] for l in content["lights"] if PLACES[l["place"]] != place]
    asked = []
    if change == "blink" or rng.random() < 0.25:
        asked.append(("blink-which", {}, place if change == "blink" else "none"))
    if change == "blink":
        asked.append(("blink-colour", {}, content["colour"]))
    for verb in ("on", "off"):
        if change == verb or rng.random() < 0.15:
            asked.append(("went-which", {"verb": verb}, place if change == verb else "none"))
    if change in ("on", "off"):
        asked.append(("went-colour", {"verb": change}, content["colour"]))
    asked.append(("blink-at", {"place": place}, "yes" if change == "blink" else "no"))
    asked.append(("change-at", {"place": place}, _HAPPENED.get(change, "nothing")))
    other = rng.choice(others)
    if change == "blink" and rng.random() < 0.6:
        asked.append(("blink-at", {"place": other}, "no"))
    elif rng.random() < 0.6:
        asked.append(("change-at", {"place": other}, "nothing"))
    return asked

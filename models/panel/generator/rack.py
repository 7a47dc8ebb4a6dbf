"""The front of a rack with 3 to 6 units, numbered from the top; each is on, off or at fault."""

from .words import RGB

NAME = "a rack"
STATES = ("on", "off", "fault")


def sample(rng):
    """At most one unit is at fault; lights sit at the right or at the left of every unit."""
    count = rng.randint(3, 6)
    states = [rng.choice(("on", "on", "off")) for _ in range(count)]
    if rng.random() < 0.7:
        states[rng.randrange(count)] = "fault"
    return {
        "states": states,
        "x": rng.uniform(-1.5, 1.5),
        "y": rng.uniform(-1, 1),
        "lights_at_right": rng.random() < 0.5,
        "steel": rng.uniform(52, 92),
        "faces": [rng.choice(("slots", "holes", "plain")) for _ in range(count)],
    }


def draw(scene, canvas):
    """Rails, units with a face, a large state light; an empty rack below the last unit."""
    left, right = 6 + scene["x"], 90 + scene["x"]
    canvas.box(left - 4, -4, right + 4, 100, (26, 28, 32))
    for rail in (left - 2, right + 2):
        canvas.line(rail, -2, rail, 98, 2.4, (120, 124, 130))
    for unit, (state, face) in enumerate(zip(scene["states"], scene["faces"])):
        y = 8 + 16 * unit + scene["y"]
        _draw_unit(canvas, scene, left, right, y, state, face)


def _draw_unit(canvas, scene, left, right, y, state, face):
    steel = scene["steel"]
    canvas.box(left, y - 6.8, right, y + 6.8, (steel, steel + 3, steel + 8), 1)
    canvas.box(left, y - 6.8, right, y - 5.4, (steel + 40, steel + 42, steel + 46))
    at_right = scene["lights_at_right"]
    light_x = right - 9 if at_right else left + 9
    first = left + 6 if at_right else left + 20
    shade = (steel * 0.45, steel * 0.45, steel * 0.5)
    if face == "slots":
        for index in range(5):
            x = first + index * 11.5
            canvas.box(x, y - 3.6, x + 8.5, y + 4.6, shade, 0.6)
    elif face == "holes":
        for index in range(8):
            canvas.disc(first + 3 + index * 7.2, y + 0.5, 2.2, shade)
    canvas.disc(light_x, y, 4.8, (16, 17, 20))
    if state == "off":
        canvas.disc(light_x, y, 3.6, (50, 52, 56))
    else:
        rgb = RGB["green"] if state == "on" else RGB["red"]
        canvas.disc(light_x, y, 6.2, rgb, 0.35)
        canvas.disc(light_x, y, 3.8, rgb)
        canvas.disc(light_x - 1, y - 1, 1.2, (255, 255, 255), 0.6)


def cells(scene):
    """Each unit speaks through the first cell of its row."""
    return {
        (unit, 0): {"thing": "unit", "state": state, "number": unit + 1}
        for unit, state in enumerate(scene["states"])
    }


def _fault(scene):
    states = scene["states"]
    return str(states.index("fault") + 1) if "fault" in states else "none"


def describe(scene):
    """One sentence that counts the states and names the unit at fault."""
    states = scene["states"]
    fault = f"unit {_fault(scene)} has a fault" if "fault" in states else "no unit has a fault"
    return (
        f"A rack with {len(states)} units: {states.count('on')} on, "
        f"{states.count('off')} off, {fault}."
    )


def questions(scene, rng):
    """Pairs (family, values for the wording, answer) of one scene."""
    states = scene["states"]
    asked = [
        ("rack-fault", {}, _fault(scene)),
        ("rack-units", {}, str(len(states))),
        ("rack-on", {}, str(states.count("on"))),
        ("rack-off", {}, str(states.count("off"))),
    ]
    for unit in rng.sample(range(len(states)), 3):
        asked.append(("rack-state", {"unit": unit + 1}, states[unit]))
    return asked

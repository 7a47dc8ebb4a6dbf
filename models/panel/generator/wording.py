"""How each family of questions is put into words. The first wording of a family is its plainest."""

WORDINGS = {
    "kind": ("What is this?", "What does the picture show?", "What kind of picture is this?"),
    "describe": (
        "Describe the picture.",
        "Describe this image.",
        "What do you see?",
        "Give a short description.",
    ),
    "count-all": (
        "How many shapes are there?",
        "How many objects are in the picture?",
        "Count the shapes.",
        "How many shapes do you see?",
    ),
    "count-colour": (
        "How many {colour} shapes are there?",
        "How many shapes are {colour}?",
        "Count the {colour} shapes.",
    ),
    "count-shape": (
        "How many {shapes} are there?",
        "How many {shapes} do you see?",
        "Count the {shapes}.",
    ),
    "count-colour-shape": (
        "How many {colour} {shapes} are there?",
        "How many {colour} {shapes} do you see?",
        "Count the {colour} {shapes}.",
    ),
    "exists": (
        "Is there {a_colour} {shape}?",
        "Do you see {a_colour} {shape}?",
        "Is {a_colour} {shape} in the picture?",
    ),
    "colour-of-shape": (
        "What colour is the {shape}?",
        "What color is the {shape}?",
        "Which colour does the {shape} have?",
    ),
    "shape-of-colour": (
        "What shape is the {colour} one?",
        "Which shape is {colour}?",
        "What is the shape of the {colour} object?",
    ),
    "where-is": (
        "Where is the {name}?",
        "Where do you see the {name}?",
        "In which place is the {name}?",
    ),
    "what-is-at": (
        "What is at the {place}?",
        "Which shape is at the {place}?",
        "What do you see at the {place}?",
    ),
    "gauge-value": (
        "What does the gauge read?",
        "What is the value of the gauge?",
        "Read the gauge.",
        "What value does the needle show?",
    ),
    "gauge-zone": (
        "Which zone is the needle in?",
        "In which zone is the gauge?",
        "What colour is the zone of the needle?",
    ),
    "gauge-above": (
        "Is the gauge above {limit}?",
        "Is the value above {limit}?",
        "Does the gauge read more than {limit}?",
    ),
    "bar-value": (
        "How high is the {colour} bar?",
        "What is the value of the {colour} bar?",
        "What value does the {colour} bar show?",
    ),
    "bar-highest": (
        "Which bar is the highest?",
        "What colour is the highest bar?",
        "Which colour has the highest value?",
    ),
    "bar-lowest": (
        "Which bar is the lowest?",
        "What colour is the lowest bar?",
        "Which colour has the lowest value?",
    ),
    "bar-count": ("How many bars are there?", "How many bars does the chart have?", "Count the bars."),
    "light-state": (
        "What colour is the light at the {place}?",
        "What is the state of the light at the {place}?",
        "What does the {place} light show?",
    ),
    "light-count": ("How many lights are {state}?", "Count the lights that are {state}."),
    "light-any": ("Is any light {state}?", "Is there a light that is {state}?"),
    "light-where": (
        "Where is the light that is {state}?",
        "Which light is {state}?",
        "In which place is the {state} light?",
    ),
    "display-read": (
        "What number is on the display?",
        "What does the display show?",
        "Read the display.",
        "Which number do you see?",
    ),
    "display-digits": (
        "How many digits are on the display?",
        "How many digits does the display show?",
        "Count the digits.",
    ),
    "display-colour": (
        "What colour is the number?",
        "What color are the digits?",
        "Which colour does the display have?",
    ),
    "rack-fault": (
        "Which unit has a fault?",
        "What unit is at fault?",
        "In which unit is the fault?",
    ),
    "rack-state": (
        "What is the state of unit {unit}?",
        "What does unit {unit} show?",
        "How is unit {unit}?",
    ),
    "rack-on": ("How many units are on?", "Count the units that are on."),
    "rack-off": ("How many units are off?", "Count the units that are off."),
    "rack-units": (
        "How many units are there?",
        "How many units does the rack have?",
        "Count the units.",
    ),
    "heat-hottest": (
        "Which rack is the hottest?",
        "What is the hottest rack?",
        "Where is it the hottest?",
    ),
    "heat-coolest": (
        "Which rack is the coolest?",
        "What is the coolest rack?",
        "Where is it the coolest?",
    ),
    "heat-row": (
        "Which row has the hottest rack?",
        "In which row is the hottest rack?",
        "Which row is the hottest rack in?",
    ),
    "heat-any-critical": (
        "Is any rack critical?",
        "Is any rack above the limit?",
        "Is there a rack above the limit?",
    ),
    "heat-critical": (
        "How many racks are critical?",
        "How many racks are above the limit?",
        "Count the racks above the limit.",
    ),
    "heat-level": (
        "How warm is rack {rack}?",
        "What is the state of rack {rack}?",
        "How hot is {rack}?",
    ),
}


def put(family, values, rng, wordings=WORDINGS):
    """A question of `family` in one of its wordings, at times careless about case and marks."""
    key = "describe" if family.startswith("describe-") else family
    text = rng.choice(wordings[key]).format(**values)
    careless = rng.random()
    if careless < 0.08:
        text = text[0].lower() + text[1:]
    if careless < 0.05 or careless > 0.97:
        text = text.rstrip("?.")
    return text

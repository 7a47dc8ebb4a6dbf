"""Nothing but the room."""

NAME = "nothing"


def sample(rng):
    """Only how long it is."""
    return {"end": rng.uniform(0.8, 2.0)}


def synthesise(content, signal, generator):
    """Adds nothing."""


def labels(content):
    """Nothing to say."""
    del content
    return {}, {}


def describe(content):
    """One word."""
    del content
    return "Nothing."


def questions(content, rng):
    """Nothing in particular to ask."""
    del content, rng
    return []

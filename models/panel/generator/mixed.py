"""Media of different kinds side by side, as one request may hold them, and questions about them."""

import random

from . import scene as scenes
from .clips import clip as clips
from .sounds import sound as sounds

SOURCES = {"image": scenes, "audio": sounds, "video": clips}


def make(seed):
    """Two or three media of different kinds, in any order: [(modality, what make() made)]."""
    rng = random.Random(seed * 11 + 3)
    chosen = rng.sample(tuple(SOURCES), rng.choice((2, 2, 3)))
    return [(modality, SOURCES[modality].make(seed)) for modality in chosen]


def questions(media, salt=0):
    """Records (family, question, answer) about all of the media; wordings tell which is meant."""
    return [record for modality, made in media for record in SOURCES[modality].questions(made, salt)]

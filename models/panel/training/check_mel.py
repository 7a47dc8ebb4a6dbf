"""Writes samples and log-mel windows for check-mel.mjs: check_mel.py FOLDER."""

import pathlib
import sys

import numpy as np

from generator.sounds.sound import make, render
from generator.words import SEEDS

from . import mel


def main():
    """Some dev sounds, of which every third is louder than it should be or cut short."""
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(24):
        samples = render(make(SEEDS["dev"][0] + index))
        samples = samples[: len(samples) // (1 + index % 3)].astype("<f4")
        (folder / f"{index}.f32").write_bytes(samples.tobytes())
        (folder / f"{index}.mel.f32").write_bytes(mel.window(samples).astype("<f4").tobytes())


if __name__ == "__main__":
    main()

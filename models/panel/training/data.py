"""Pictures and dense labels of the training seeds, drawn once into a work folder.

N pictures: pictures.npy uint8 [N, 96, 96, 3]; labels.npy int8 [N, 36, heads], 0 where a cell says
nothing and 1 + index of the value otherwise (see generator.scene.HEADS).
"""

import argparse
import multiprocessing
import pathlib
import time

import numpy as np

from generator.scene import HEADS, cells, make, render
from generator.words import CELLS, SEEDS, UNITS

WORK = pathlib.Path(__file__).resolve().parent.parent / "build"
_INDEX = {head: {v: 1 + i for i, v in enumerate(values)} for head, values in HEADS.items()}


def labels(scene):
    """Dense labels of a scene, int8 [36, heads]."""
    dense = np.zeros((CELLS, CELLS, len(HEADS)), np.int8)
    for place, said in cells(scene).items():
        for head, value in said.items():
            if value is not None:
                dense[place][list(HEADS).index(head)] = _INDEX[head][value]
    return dense.reshape(CELLS * CELLS, len(HEADS))


def picture(scene):
    """The picture at 96 pixels; one in seven is drawn twice as large and scaled down by averaging."""
    times = (1, 1, 1, 1, 1, 1, 2)[scene["seed"] % 7]
    large = render(scene, UNITS * times)
    if times == 1:
        return large
    blocks = large.reshape(UNITS, times, UNITS, times, 3).mean((1, 3))
    return (blocks + 0.5).astype(np.uint8)


def _draw(seed):
    scene = make(seed)
    return picture(scene), labels(scene)


def draw(first, count, name, processes=2):
    """Draws `count` seeds from `first` on into build/NAME.*.npy."""
    WORK.mkdir(exist_ok=True)
    shape = (count, UNITS, UNITS, 3)
    path = WORK / f"{name}.pictures.npy"
    pictures = np.lib.format.open_memmap(str(path), "w+", np.uint8, shape)
    dense = np.zeros((count, CELLS * CELLS, len(HEADS)), np.int8)
    with multiprocessing.Pool(processes) as pool:
        drawn = pool.imap(_draw, range(first, first + count), chunksize=250)
        for index, (pixels, said) in enumerate(drawn):
            pictures[index], dense[index] = pixels, said
    pictures.flush()
    np.save(WORK / f"{name}.labels.npy", dense)


def load(name):
    """(pictures, labels) of a drawn set; the pictures are mapped, not read."""
    pictures = np.load(WORK / f"{name}.pictures.npy", mmap_mode="r")
    return pictures, np.load(WORK / f"{name}.labels.npy")


def main():
    """Draws the training pictures and 2,000 dev pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=60_000)
    given = parser.parse_args()
    begun = time.time()
    draw(SEEDS["dev"][0], 2_000, "dev")
    draw(SEEDS["train"][0], given.count, "train")
    print(f"drew {given.count} pictures in {time.time() - begun:.0f} s")


if __name__ == "__main__":
    main()

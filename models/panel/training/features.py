"""Runs the frozen vision encoder once over the drawn pictures.

build/NAME.features.npy: float16 [N, 36, H] for dev, [copies * N, 36, H] for train, where copies
after the first are of pictures that were roughened (see pretrain.roughen).
"""

import argparse
import time

import numpy as np
import torch

from . import data
from . import model as m
from .pretrain import pixels, roughen


@torch.no_grad()
def compute(vision, name, copies, batch=100):
    """Writes the features of one drawn set."""
    rng = np.random.default_rng(3)
    pictures, _ = data.load(name)
    count = len(pictures)
    shape = (copies * count, m.PICTURE_TOKENS, m.HIDDEN)
    path = data.WORK / f"{name}.features.npy"
    values = np.lib.format.open_memmap(str(path), "w+", np.float16, shape)
    for first in range(0, copies * count, batch):
        at = first % count
        x = pixels(pictures[at : at + batch])
        if first >= count:
            x = roughen(x, rng)
        values[first : first + batch] = vision(x).numpy()
    values.flush()


def main():
    """Dev once, train clean and rough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(3)
    vision = m.Vision().to(memory_format=torch.channels_last)
    vision.load_state_dict(torch.load(data.WORK / "vision.pt")["vision"])
    begun = time.time()
    compute(vision, "dev", 1)
    compute(vision, "train", 2)
    print(f"features in {time.time() - begun:.0f} s")


if __name__ == "__main__":
    main()

"""Runs a frozen encoder once over what was drawn, played or filmed.

build/NAME.features.npy (of sounds: NAME.audio-features.npy, of clips: NAME.video-features.npy):
float16 [N, tokens, H] for dev, [copies * N, tokens, H] for train, where copies after the first are
roughened (see pretrain.roughen and pretrain_media.roughened). With one copy every other batch is.
"""

import argparse
import time

import numpy as np
import torch

from . import data
from . import model as m
from . import pretrain_media as media
from .pretrain import pixels, roughen

# What: (suffix of the file, tokens).
KINDS = {
    "pictures": ("features", m.PICTURE_TOKENS),
    "sounds": ("audio-features", m.SOUND_TOKENS),
    "clips": ("video-features", m.CLIP_TOKENS),
}


@torch.no_grad()
def compute(encoder, what, name, copies, limit=None, batch=100):
    """Writes the features of one set, or of the first `limit` of it."""
    rng = np.random.default_rng(3)
    drawn, _ = data.load(name, what)
    count = min(len(drawn), limit or len(drawn))
    suffix, tokens = KINDS[what]
    path = data.WORK / f"{name}.{suffix}.npy"
    shape = (copies * count, tokens, m.HIDDEN)
    values = np.lib.format.open_memmap(str(path), "w+", np.float16, shape)
    for first in range(0, copies * count, batch):
        at = first % count
        chosen = drawn[at : at + batch]
        rough = first >= count or (name == "train" and copies == 1 and first // batch % 2)
        if what == "pictures":
            x = pixels(chosen)
            x = roughen(x, rng) if rough else x
        else:
            x = media.prepared(what, chosen)
            x = media.roughened(what, x, rng) if rough else x
        values[first : first + batch] = encoder(x).numpy()
    values.flush()


def encoder_of(what):
    """The trained encoder."""
    if what == "pictures":
        vision = m.Vision().to(memory_format=torch.channels_last)
        vision.load_state_dict(torch.load(data.WORK / "vision.pt")["vision"])
        return vision
    encoder = media.ENCODERS[what]()
    encoder.load_state_dict(torch.load(data.WORK / media.FILES[what])["encoder"])
    if what == "clips":
        encoder.convolutions.to(memory_format=torch.channels_last)
    return encoder


def main():
    """Dev once, train clean and rough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--what", choices=tuple(KINDS), default="pictures")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--copies", type=int, default=2)
    parser.add_argument("--limit", type=int, help="only so many of the training set")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(3)
    encoder, begun = encoder_of(given.what), time.time()
    compute(encoder, given.what, "dev", 1, given.limit)
    compute(encoder, given.what, "train", given.copies, given.limit)
    print(f"features of {given.what} in {time.time() - begun:.0f} s")


if __name__ == "__main__":
    main()

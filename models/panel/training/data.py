"""What the training seeds look and sound like, with dense labels, made once into a work folder.

NAME.pictures.npy  uint8 [N, 96, 96, 3]     NAME.labels.npy        int8 [N, 36, heads]
NAME.mels.npy      float16 [N, 80, 200]     NAME.sound-labels.npy  int8 [N, 25, heads]
NAME.frames.npy    uint8 [N, 4, 96, 96, 3]  NAME.clip-labels.npy   int8 [N, 36, heads]

A label is 0 where a token says nothing and 1 + index of the value otherwise (see HEADS).
"""

import argparse
import multiprocessing
import pathlib
import time

import numpy as np

from generator import scene as scenes
from generator.clips import clip as clips
from generator.sounds import sound as sounds
from generator.wav import decode, encode
from generator.words import CELLS, SEEDS, UNITS

from . import mel

WORK = pathlib.Path(__file__).resolve().parent.parent / "build"


def _index(heads):
    return {head: {v: 1 + i for i, v in enumerate(values)} for head, values in heads.items()}


_PICTURE, _SOUND, _CLIP = (_index(source.HEADS) for source in (scenes, sounds, clips))


def _dense(said, index, shape):
    dense = np.zeros((*shape, len(index)), np.int8)
    order = {head: column for column, head in enumerate(index)}
    for place, values in said.items():
        for head, value in values.items():
            if value is not None:
                dense[place][order[head]] = index[head][value]
    return dense.reshape(-1, len(index))


def labels(scene):
    """Dense labels of a picture, int8 [36, heads]."""
    return _dense(scenes.cells(scene), _PICTURE, (CELLS, CELLS))


def sound_labels(sound):
    """Dense labels of a sound, int8 [25, heads]."""
    return _dense(sounds.labels(sound), _SOUND, (sounds.POSITIONS,))


def clip_labels(clip):
    """Dense labels of a clip, int8 [36, heads]."""
    return _dense(clips.cells(clip), _CLIP, (CELLS, CELLS))


def _halved(drawn):
    """Pixels of a picture drawn twice as large, averaged; the last axes are rows, columns, RGB."""
    blocks = drawn.reshape(*drawn.shape[:-3], UNITS, 2, UNITS, 2, 3).mean((-4, -2))
    return (blocks + 0.5).astype(np.uint8)


def picture(scene):
    """The picture at 96 pixels; one in seven is drawn twice as large and scaled down by averaging."""
    if scene["seed"] % 7 == 6:
        return _halved(scenes.render(scene, 2 * UNITS))
    return scenes.render(scene)


def frames(clip):
    """The frames at 96 pixels; one clip in seven is drawn twice as large, as pictures are."""
    if clip["seed"] % 7 == 6:
        return _halved(clips.render(clip, 2 * UNITS))
    return clips.render(clip)


def heard(sound):
    """The log-mel window of a sound that went through a 16-bit file."""
    return mel.window(decode(encode(sounds.render(sound))))


def _draw(seed):
    scene = scenes.make(seed)
    return picture(scene), labels(scene)


def _play(seed):
    sound = sounds.make(seed)
    return heard(sound), sound_labels(sound)


def _film(seed):
    clip = clips.make(seed)
    return frames(clip), clip_labels(clip)


# What: (files of the media and of the labels, maker, type, shape of one).
SETS = {
    "pictures": ("pictures", "labels", _draw, np.uint8, (UNITS, UNITS, 3)),
    "sounds": ("mels", "sound-labels", _play, np.float16, (mel.BANDS, mel.FRAMES)),
    "clips": ("frames", "clip-labels", _film, np.uint8, (clips.FRAMES, UNITS, UNITS, 3)),
}


def draw(what, name, count, processes=2):
    """Makes the first `count` seeds of a split into build/."""
    WORK.mkdir(exist_ok=True)
    media_name, labels_name, maker, kind, shape = SETS[what]
    path = WORK / f"{name}.{media_name}.npy"
    made = np.lib.format.open_memmap(str(path), "w+", kind, (count, *shape))
    dense = []
    first = SEEDS[name][0]
    with multiprocessing.Pool(processes) as pool:
        found = pool.imap(maker, range(first, first + count), chunksize=100)
        for index, (media, said) in enumerate(found):
            made[index] = media
            dense.append(said)
    made.flush()
    np.save(WORK / f"{name}.{labels_name}.npy", np.stack(dense))


def load(name, what="pictures"):
    """(media, labels) of a set; the media are mapped, not read."""
    media_name, labels_name, *_ = SETS[what]
    media = np.load(WORK / f"{name}.{media_name}.npy", mmap_mode="r")
    return media, np.load(WORK / f"{name}.{labels_name}.npy")


def main():
    """Makes the training set and 2,000 of the dev seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--what", choices=tuple(SETS), default="pictures")
    parser.add_argument("--count", type=int, default=60_000)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    begun = time.time()
    draw(given.what, "dev", 2_000, given.processes)
    draw(given.what, "train", given.count, given.processes)
    print(f"made {given.count} {given.what} in {time.time() - begun:.0f} s")


if __name__ == "__main__":
    main()

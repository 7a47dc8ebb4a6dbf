#!/usr/bin/python3
"""Writes media and questions.jsonl: generate.py --seed N --count M --out DIR [--media WHAT] ...

A record is {media: [{kind, file}], family, question, answer}; a clip has frames (the files of its
PNG frames) in place of file, unless --animated asks for one file. About pictures alone there is
`picture` (a file) beside `media`. Text is what can be asked without media; seed and count are ignored.
"""

import argparse
import io
import json
import pathlib

from generator import mixed, text
from generator.png import encode
from generator.wav import encode as encode_wav
from generator.words import UNITS


def written(modality, made, given):
    """Writes one medium and returns what its record says of it."""
    name = f"{made['kind']}-{made['seed']}"
    source = mixed.SOURCES[modality]
    if modality == "audio":
        (given.out / f"{name}.wav").write_bytes(encode_wav(source.render(made)))
        return {"kind": modality, "file": f"{name}.wav"}
    if modality == "image":
        (given.out / f"{name}.png").write_bytes(encode(source.render(made, given.size)))
        return {"kind": modality, "file": f"{name}.png"}
    drawn = source.render(made, given.size, given.frames)
    if given.animated:
        file = f"{name}.{given.animated}"
        (given.out / file).write_bytes(animated(drawn, given.animated))
        return {"kind": modality, "file": file}
    files = [f"{name}-{index}.png" for index in range(len(drawn))]
    for file, frame in zip(files, drawn):
        (given.out / file).write_bytes(encode(frame))
    return {"kind": modality, "frames": files}


def animated(frames, form):
    """Frames as one animated picture of a second or so (needs Pillow)."""
    from PIL import Image  # Only here: the rest works without it.

    frames = frames.copy()
    # Encoders join equal frames into one that lasts longer; one pixel keeps them apart.
    frames[1::2, 0, 0] ^= 16
    first, *others = (Image.fromarray(frame) for frame in frames)
    duration = 1200 // len(frames)
    shared = {"save_all": True, "append_images": others, "duration": duration, "loop": 0}
    how = {"quality": 90, "method": 6} if form == "webp" else {}
    content = io.BytesIO()
    first.save(content, form, **shared, **how)
    return content.getvalue()


def options():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True, help="seed of the first")
    parser.add_argument("--count", type=int, required=True, help="how many")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder to write to")
    parser.add_argument("--media", choices=(*mixed.SOURCES, "mixed", "text"), default="image")
    parser.add_argument("--size", type=int, default=UNITS, help="pixels on a side")
    parser.add_argument("--kind", help="only this kind of picture, sound or clip")
    parser.add_argument("--frames", type=int, default=4, help="frames of a clip")
    parser.add_argument("--animated", choices=("gif", "webp"), help="one file a clip")
    return parser.parse_args()


def main():
    """Makes `count` media, or sets of media, from `seed` on, and asks all questions about each."""
    given = options()
    given.out.mkdir(parents=True, exist_ok=True)
    with (given.out / "questions.jsonl").open("w", encoding="utf-8") as lines:
        if given.media == "text":
            for family, question, answer in text.every():
                asked = {"family": family, "question": question, "answer": answer}
                lines.write(json.dumps({"media": [], **asked}) + "\n")
            return
        for seed in range(given.seed, given.seed + given.count):
            if given.media == "mixed":
                media = mixed.make(seed)
            else:
                media = [(given.media, mixed.SOURCES[given.media].make(seed, given.kind))]
            files = [written(modality, made, given) for modality, made in media]
            shown = {"picture": files[0]["file"]} if given.media == "image" else {}
            for family, question, answer in mixed.questions(media):
                asked = {"family": family, "question": question, "answer": answer}
                lines.write(json.dumps({**shown, "media": files, **asked}) + "\n")


if __name__ == "__main__":
    main()

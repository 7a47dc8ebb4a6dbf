#!/usr/bin/python3
"""Writes the media that tests ask about into ../../test/fixtures/panel-media, and their questions.

Sounds are FLAC files of 16 kHz (every eighth is WAV), clips are animated WebP (every twentieth is GIF) of
4, 7 or 10 frames, pictures are WebP without loss. Needs Pillow and flac. The seeds are in none of
the three splits.
"""

import io
import json
import pathlib
import random
import subprocess

from generate import animated
from generator import mixed
from generator.wav import encode

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "test" / "fixtures" / "panel-media"
FIRST = 740_000_000
SOUNDS, CLIPS, PICTURES, MIXED = 52, 60, 16, 40


def sound_file(index, made):
    """(file name, bytes) of a sound."""
    name = f"{made['kind']}-{made['seed']}"
    wav = encode(mixed.SOURCES["audio"].render(made))
    if index % 8 == 0:
        return f"{name}.wav", wav
    command = ["flac", "--silent", "--best", "--no-padding", "--stdout", "-"]
    return f"{name}.flac", subprocess.run(command, input=wav, capture_output=True, check=True).stdout


def clip_file(index, made):
    """(file name, bytes) of a clip."""
    form = "gif" if index % 20 == 0 else "webp"
    frames = mixed.SOURCES["video"].render(made, frames=(4, 4, 4, 7, 10)[index % 5])
    return f"{made['kind']}-{made['seed']}.{form}", animated(frames, form)


def picture_file(index, made):
    """(file name, bytes) of a picture."""
    from PIL import Image

    del index
    content = io.BytesIO()
    Image.fromarray(mixed.SOURCES["image"].render(made)).save(content, "webp", lossless=True)
    return f"{made['kind']}-{made['seed']}.webp", content.getvalue()


def main():
    """Writes the files, a question about each, and questions about two or three together."""
    rng = random.Random(FIRST)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    plans = (("audio", SOUNDS, sound_file), ("video", CLIPS, clip_file), ("image", PICTURES, picture_file))
    lines, written = [], {}
    for modality, count, file_of in plans:
        source, known = mixed.SOURCES[modality], written.setdefault(modality, [])
        for index in range(count):
            made = source.make(FIRST + index)
            name, content = file_of(index, made)
            (FOLDER / name).write_bytes(content)
            known.append(({"kind": modality, "file": name}, source.questions(made)))
            lines.append(record([known[-1]], rng))
    for index in range(MIXED):
        chosen = rng.sample(tuple(written), 2 + index % 2)
        lines.append(record([rng.choice(written[modality]) for modality in chosen], rng))
    (FOLDER / "questions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def record(media, rng):
    """One line: the media and one question about one of them."""
    family, question, answer = rng.choice(rng.choice(media)[1])
    asked = {"family": family, "question": question, "answer": answer}
    return json.dumps({"media": [said for said, _ in media], **asked})


if __name__ == "__main__":
    main()

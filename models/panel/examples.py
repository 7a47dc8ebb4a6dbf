#!/usr/bin/python3
"""Makes what examples/ shows: pictures of 480 pixels, sounds and clips, each with questions.

Clips are animated WebP (needs Pillow). questions.jsonl asks about pictures, media.jsonl about the rest.
"""

import json
import pathlib
import random

from generate import animated
from generator import mixed
from generator.clips import clip as clips
from generator.clips.wording import WORDINGS as CLIP_WORDINGS
from generator.png import encode
from generator.scene import KINDS, make, render
from generator.sounds import sound as sounds
from generator.sounds.wording import WORDINGS as SOUND_WORDINGS
from generator.wav import encode as encode_wav
from generator.wording import WORDINGS

FOLDER = pathlib.Path(__file__).resolve().parent / "examples"
# Name: (kind, seed, families to ask about). The seeds belong to none of the three splits.
PICTURES = {
    "rack": ("rack", 3_000_016, ("rack-fault", "rack-on", "rack-state")),
    "rack-2": ("rack", 3_000_001, ("rack-fault", "rack-off")),
    "heat-map": ("heat", 3_000_002, ("heat-hottest", "heat-row", "heat-any-critical")),
    "heat-map-2": ("heat", 3_000_063, ("heat-coolest", "heat-level", "heat-critical")),
    "shapes": ("shapes", 3_000_016, ("count-all", "where-is", "colour-of-shape", "what-is-at")),
    "shapes-2": ("shapes", 3_000_004, ("shape-of-colour", "exists", "count-shape")),
    "gauge": ("gauge", 3_000_002, ("gauge-value", "gauge-zone")),
    "bar-chart": ("bars", 3_000_012, ("bar-highest", "bar-value")),
    "lights": ("lights", 3_000_013, ("light-state", "light-count")),
    "display": ("display", 3_000_004, ("display-read", "display-colour")),
}
# Name: (modality, kind, seed, families to ask about).
MEDIA = {
    "tones": ("audio", "tones", 3_000_102, ("tone-count", "tone-pitch")),
    "beeps": ("audio", "beeps", 3_000_001, ("beep-count", "beep-pitch")),
    "siren": ("audio", "alarm", 3_000_008, ("alarm-which",)),
    "fan": ("audio", "fan", 3_000_000, ("fan-way",)),
    "motion": ("video", "motion", 3_000_069, ("move-what", "move-way", "move-to")),
    "gauges": ("video", "gauges", 3_000_004, ("trend-at", "trend-which")),
    "blinking-light": ("video", "blink", 3_000_008, ("blink-which", "blink-colour", "change-at")),
}


def plainest(wordings, module, content, seed):
    """{family: (question, answer)} about something, each in its plainest wording."""
    asked = {}
    for family, values, answer in module.questions(content, random.Random(seed)):
        asked.setdefault(family, (wordings[family][0].format(**values), answer))
    asked["describe"] = (wordings["describe"][0], module.describe(content))
    return asked


def others():
    """Writes sounds and clips, and media.jsonl."""
    lines = []
    for name, (modality, kind, seed, families) in MEDIA.items():
        source = mixed.SOURCES[modality]
        made = source.make(seed, kind)
        if modality == "audio":
            file, wordings = f"{name}.wav", SOUND_WORDINGS
            (FOLDER / file).write_bytes(encode_wav(sounds.render(made)))
        else:
            file, wordings = f"{name}.webp", CLIP_WORDINGS
            (FOLDER / file).write_bytes(animated(clips.render(made, 288, 7), "webp"))
        asked = plainest(wordings, source.KINDS[kind], made["content"], seed)
        for family in (*(family for family in families if family in asked), "describe"):
            question, answer = asked[family]
            record = {
                "media": [{"kind": modality, "file": file}],
                "family": f"describe-{kind}" if family == "describe" else family,
                "question": question,
                "answer": answer,
            }
            lines.append(json.dumps(record))
    (FOLDER / "media.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main():
    """Writes the pictures and questions.jsonl, each family in its plainest wording."""
    FOLDER.mkdir(exist_ok=True)
    lines = []
    for name, (kind, seed, families) in PICTURES.items():
        scene = make(seed, kind)
        (FOLDER / f"{name}.png").write_bytes(encode(render(scene, 480)))
        module, content = KINDS[kind], scene["content"]
        asked = plainest(WORDINGS, module, content, seed)
        for family in (*families, "describe"):
            question, answer = asked[family]
            record = {
                "picture": f"{name}.png",
                "family": f"describe-{kind}" if family == "describe" else family,
                "question": question,
                "answer": answer,
            }
            lines.append(json.dumps(record))
    (FOLDER / "questions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    others()


if __name__ == "__main__":
    main()

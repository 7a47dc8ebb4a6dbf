#!/usr/bin/python3
"""Tests of the generator: python3 models/panel/test_generator.py (needs NumPy)."""

import collections
import itertools
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

import numpy as np

from generator import heat, mixed, text
from generator.clips import clip as clips
from generator.clips.wording import WORDINGS as CLIP_WORDINGS
from generator.png import encode
from generator.scene import HEADS, KIND_CELL, KINDS, cells, make, questions, render
from generator.sounds import sound as sounds
from generator.sounds import synthesis
from generator.sounds.wording import WORDINGS as SOUND_WORDINGS
from generator.wav import decode as decode_wav
from generator.wav import encode as encode_wav
from generator.words import CELLS, PLACES, PLURALS, SEEDS, place_cell
from generator.wording import WORDINGS

HERE = pathlib.Path(__file__).resolve().parent
SAMPLE = [make(seed) for seed in range(*SEEDS["dev"])[:400]]


def decode(png):
    """Pixels of a PNG as encode() writes it: 8-bit RGB without filters."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, body = 8, b""
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        chunk = png[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        assert checksum == zlib.crc32(name + chunk)
        if name == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", chunk[:10])
            assert (depth, colour) == (8, 2)
        body += chunk if name == b"IDAT" else b""
        at += 12 + length
    rows = np.frombuffer(zlib.decompress(body), np.uint8).reshape(height, 1 + 3 * width)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, 3)


class Seeds(unittest.TestCase):
    """A scene is its seed."""

    def test_same_seed_same_everything(self):
        for seed in range(30):
            one, two = make(seed), make(seed)
            self.assertEqual(one, two)
            self.assertTrue(np.array_equal(render(one), render(two)))
            self.assertEqual(questions(one), questions(two))

    def test_other_seed_other_picture(self):
        pictures = {render(make(seed)).tobytes() for seed in range(50)}
        self.assertEqual(len(pictures), 50)

    def test_salt_changes_the_questions_only(self):
        self.assertNotEqual(questions(SAMPLE[0], 1), questions(SAMPLE[0], 2))

    def test_splits_are_disjoint(self):
        for (_, end), (start, _) in itertools.pairwise(sorted(SEEDS.values())):
            self.assertLessEqual(end, start)


class Pictures(unittest.TestCase):
    """What is drawn is a valid picture of what the scene says."""

    def test_sizes(self):
        for size in (48, 96, 131, 480):
            picture = render(SAMPLE[0], size)
            self.assertEqual((picture.shape, picture.dtype), ((size, size, 3), np.uint8))

    def test_png_round_trip(self):
        picture = render(SAMPLE[1])
        self.assertTrue(np.array_equal(decode(encode(picture)), picture))

    def test_a_large_picture_scaled_down_is_the_small_one(self):
        for kind in KINDS:
            scene = {**make(3, kind), "blur": 0.0, "noise": 0.0}
            large = render(scene, 480).reshape(96, 5, 96, 5, 3).mean((1, 3))
            self.assertLess(np.abs(large - render(scene)).mean(), 2.0, kind)

    def test_colours_are_where_the_labels_say(self):
        for seed in range(40):
            scene = {**make(seed, "shapes"), "blur": 0.0, "noise": 0.0, "camera": (0, 0, 1)}
            for thing in scene["content"]["things"]:
                if thing["shape"] != "ring":
                    pixel = render(scene)[int(thing["y"]), int(thing["x"])]
                    self.assertLess(np.abs(pixel - np.array(thing["rgb"])).max(), 12)


class Labels(unittest.TestCase):
    """Dense labels are in range, one object a cell."""

    def test_in_range(self):
        for scene in SAMPLE:
            said = cells(scene)
            self.assertEqual(said[KIND_CELL], {"kind": scene["kind"]})
            for (row, column), values in said.items():
                self.assertTrue(0 <= row < CELLS and 0 <= column < CELLS)
                for head, value in values.items():
                    self.assertTrue(value is None or value in HEADS[head], (head, value))

    def test_number_of_cells(self):
        counts = {
            "shapes": lambda content: len(content["things"]),
            "bars": lambda content: len(content["bars"]),
            "lights": lambda content: len(content["lights"]),
            "rack": lambda content: len(content["states"]),
            "heat": lambda content: len(content["levels"]),
            "display": lambda content: len(str(content["value"])),
            "gauge": lambda content: len(str(content["value"])) + 1,
        }
        for scene in SAMPLE:
            self.assertEqual(len(cells(scene)), 1 + counts[scene["kind"]](scene["content"]))


class Questions(unittest.TestCase):
    """Answers agree with the scene; every family and every answer comes up."""

    def records(self, family):
        """(scene, question, answer) of a family in the sample."""
        for scene in SAMPLE:
            for found, question, answer in questions(scene):
                if found == family:
                    yield scene, question.lower().rstrip("?.").split(), answer

    def test_every_family_is_present(self):
        found = {family for scene in SAMPLE for family, _, _ in questions(scene)}
        expected = {family for family in WORDINGS if family != "describe"}
        expected |= {f"describe-{kind}" for kind in KINDS}
        self.assertEqual(found, expected)

    def test_lookups_refer_to_one_thing(self):
        for family, given, returned in (
            ("colour-of-shape", "shape", "colour"),
            ("shape-of-colour", "colour", "shape"),
        ):
            for scene, asked, answer in self.records(family):
                things = scene["content"]["things"]
                named = [thing for thing in things if thing[given] in asked]
                self.assertEqual([thing[returned] for thing in named], [answer])

    def test_places(self):
        for scene, asked, answer in self.records("where-is"):
            named = [
                thing
                for thing in scene["content"]["things"]
                if (thing["shape"] in asked or "one" in asked)
                and (thing["colour"] in asked or not set(asked) & set(HEADS["colour"]))
            ]
            self.assertEqual([PLACES[thing["place"]] for thing in named], [answer])

    def test_counts(self):
        for scene, asked, answer in self.records("count-colour-shape"):
            count = sum(
                thing["colour"] in asked and PLURALS[thing["shape"]] in asked
                for thing in scene["content"]["things"]
            )
            self.assertEqual(str(count), answer)

    def test_exists_is_balanced(self):
        answers = collections.Counter(answer for _, _, answer in self.records("exists"))
        self.assertLess(abs(answers["yes"] - answers["no"]), 0.25 * sum(answers.values()))

    def test_gauges(self):
        for scene, asked, answer in self.records("gauge-above"):
            limit = next(int(word) for word in asked if word.isdigit())
            self.assertEqual(answer, "yes" if scene["content"]["value"] > limit else "no")

    def test_bars(self):
        for scene, asked, answer in self.records("bar-value"):
            (bar,) = [bar for bar in scene["content"]["bars"] if bar["colour"] in asked]
            self.assertEqual(str(bar["value"]), answer)
        for scene, _, answer in self.records("bar-highest"):
            values = {bar["colour"]: bar["value"] for bar in scene["content"]["bars"]}
            top = [colour for colour, value in values.items() if value == max(values.values())]
            self.assertEqual(top, [answer])

    def test_racks_and_heat(self):
        for scene, asked, answer in self.records("rack-state"):
            unit = next(int(word) for word in asked if word.isdigit())
            self.assertEqual(scene["content"]["states"][unit - 1], answer)
        for scene, _, answer in self.records("heat-hottest"):
            levels = scene["content"]["levels"]
            top = [rack for rack, level in levels.items() if level == max(levels.values())]
            self.assertEqual([heat.name(rack) for rack in top], [answer])

    def test_place_cells_are_distinct(self):
        self.assertEqual(len({place_cell(place) for place in range(9)} | {KIND_CELL}), 10)

    def test_text_questions_have_one_answer_each(self):
        asked = [question for _, question, _ in text.every()]
        self.assertEqual(len(asked), len(set(asked)))
        self.assertEqual(len(text.questions(random.Random(1), 5)), 5)


class Sounds(unittest.TestCase):
    """What sounds is what the labels and the answers say."""

    SAMPLE = [sounds.make(seed) for seed in range(*SEEDS["dev"])[:400]]

    def test_same_seed_same_everything(self):
        for seed in range(20):
            one, two = sounds.make(seed), sounds.make(seed)
            self.assertEqual(one, two)
            self.assertTrue(np.array_equal(sounds.render(one), sounds.render(two)))
            self.assertEqual(sounds.questions(one), sounds.questions(two))

    def test_every_family_is_present(self):
        found = {family for sound in self.SAMPLE for family, _, _ in sounds.questions(sound)}
        expected = {family for family in SOUND_WORDINGS if family != "describe"}
        self.assertEqual(found, expected | {f"describe-{kind}" for kind in sounds.KINDS})

    def test_two_seconds_at_most_and_not_too_loud(self):
        for sound in self.SAMPLE[:100]:
            samples = sounds.render(sound)
            self.assertLessEqual(len(samples), synthesis.SAMPLES)
            self.assertLessEqual(np.abs(samples).max(), 1)

    def test_labels_in_range(self):
        for sound in self.SAMPLE:
            for position, values in sounds.labels(sound).items():
                self.assertTrue(0 <= position < sounds.POSITIONS)
                for head, value in values.items():
                    self.assertTrue(value is None or value in sounds.HEADS[head], (head, value))

    def test_every_beep_and_tone_has_a_position_of_its_own(self):
        for sound in self.SAMPLE:
            said = sounds.labels(sound)
            found = {values["index"] for values in said.values() if "index" in values}
            total = said[sounds.SUMMARY].get("total", 0)
            self.assertEqual(found, set(range(1, total + 1)))

    def test_tones_have_the_pitch_that_is_said(self):
        """The strongest frequency in a tone lies in the band of its pitch."""
        for sound in self.SAMPLE:
            if sound["kind"] != "tones" or sound["content"]["timbre"][0] < 1:
                continue
            samples = sounds.render({**sound, "noise": 0.0, "hum": 0.0})
            for tone in sound["content"]["tones"]:
                part = samples[int(tone["start"] * 16_000) : int(tone["end"] * 16_000)]
                at = np.abs(np.fft.rfft(part)).argmax() * 16_000 / len(part)
                low, high = synthesis.PITCHES[tone["pitch"]]
                self.assertTrue(low - 8 <= at <= high + 8, (tone, at))

    def test_beeps_can_be_counted_by_ear(self):
        """The loudness rises as often as there are beeps."""
        for sound in self.SAMPLE:
            if sound["kind"] == "beeps":
                samples = sounds.render({**sound, "noise": 0.0, "hum": 0.0})
                loud = np.abs(samples[: len(samples) // 160 * 160]).reshape(-1, 160).max(1)
                on = loud > 0.2 * loud.max()
                self.assertEqual(on[0] + (np.diff(on.astype(int)) == 1).sum(), sound["content"]["count"])

    def test_wav_round_trip(self):
        samples = sounds.render(self.SAMPLE[0])
        self.assertLess(np.abs(decode_wav(encode_wav(samples)) - samples).max(), 1 / 32767)


class Clips(unittest.TestCase):
    """What happens is what the labels and the answers say."""

    SAMPLE = [clips.make(seed) for seed in range(*SEEDS["dev"])[:400]]

    def test_same_seed_same_everything(self):
        for seed in range(10):
            one, two = clips.make(seed), clips.make(seed)
            self.assertEqual(one, two)
            self.assertTrue(np.array_equal(clips.render(one), clips.render(two)))
            self.assertEqual(clips.questions(one), clips.questions(two))

    def test_every_family_is_present(self):
        found = {family for clip in self.SAMPLE for family, _, _ in clips.questions(clip)}
        expected = {family for family in CLIP_WORDINGS if family != "describe"}
        self.assertEqual(found, expected | {f"describe-{kind}" for kind in clips.KINDS})

    def test_labels_in_range(self):
        for clip in self.SAMPLE:
            for (row, column), values in clips.cells(clip).items():
                self.assertTrue(0 <= row < CELLS and 0 <= column < CELLS)
                for head, value in values.items():
                    self.assertTrue(value is None or value in clips.HEADS[head], (head, value))

    def test_more_frames_hold_the_four(self):
        clip = {**clips.make(4), "noise": 0.0}
        self.assertTrue(np.array_equal(clips.render(clip, frames=10)[::3], clips.render(clip)))

    def test_only_what_moves_changes(self):
        for clip in self.SAMPLE[:60]:
            first, *_, last = clips.render({**clip, "noise": 0.0}).astype(int)
            changed = np.abs(first - last).max(-1) > 40
            content, kind = clip["content"], clip["kind"]
            places = set()
            if kind == "motion":
                places = {content["things"][0]["place"], content["end"]}
            if kind == "gauges":
                places = {g["place"] for g in content["gauges"] if g["trend"] != "stayed"}
            if kind == "blink" and content["change"]:
                places = {content["place"]}
            found = {
                place
                for place in range(9)
                if changed[8 + 32 * (place // 3) :, 8 + 32 * (place % 3) :][:16, :16].any()
            }
            if kind == "blink" and content["change"] == "blink":
                self.assertLessEqual(found, places)
            else:
                self.assertEqual(found, places, clip)

    def test_a_path_is_free(self):
        for clip in self.SAMPLE:
            if clip["kind"] == "motion":
                mover, *others = clip["content"]["things"]
                start, end = (np.array(divmod(p, 3)) for p in (mover["place"], clip["content"]["end"]))
                middle = (start + end) / 2
                taken = [divmod(thing["place"], 3) for thing in others]
                self.assertNotIn(tuple(end), taken)
                self.assertNotIn(tuple(middle), taken)


class Together(unittest.TestCase):
    """Media of different kinds in one request."""

    def test_no_question_could_be_about_another_kind(self):
        """The same words never ask about a picture and about a sound or a clip."""
        asked = {modality: set() for modality in mixed.SOURCES}
        for modality, source in mixed.SOURCES.items():
            for seed in range(600):
                for _, question, _ in source.questions(source.make(seed)):
                    asked[modality].add(question.lower().rstrip("?."))
        for one, two in itertools.combinations(asked.values(), 2):
            self.assertFalse(one & two)

    def test_kinds_differ(self):
        for seed in range(50):
            modalities = [modality for modality, _ in mixed.make(seed)]
            self.assertEqual(len(modalities), len(set(modalities)))


class Command(unittest.TestCase):
    """generate.py writes what it says."""

    def test_every_process_writes_the_same(self):
        written = []
        for hash_seed in ("1", "2"):
            with tempfile.TemporaryDirectory() as out:
                command = [sys.executable, str(HERE / "generate.py"), "--seed", "9", "--count", "20"]
                environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
                subprocess.run([*command, "--out", out], check=True, env=environment)
                written.append({p.name: p.read_bytes() for p in pathlib.Path(out).iterdir()})
        self.assertEqual(*written)

    def test_generate(self):
        with tempfile.TemporaryDirectory() as out:
            command = [sys.executable, str(HERE / "generate.py"), "--seed", "5", "--count", "3"]
            subprocess.run([*command, "--out", out, "--size", "64"], check=True)
            lines = (pathlib.Path(out) / "questions.jsonl").read_text(encoding="utf-8").splitlines()
            for record in map(json.loads, lines):
                self.assertEqual(set(record), {"picture", "media", "family", "question", "answer"})
                png = (pathlib.Path(out) / record["picture"]).read_bytes()
                self.assertEqual(decode(png).shape, (64, 64, 3))

    def test_generate_every_kind_of_media(self):
        with tempfile.TemporaryDirectory() as out:
            command = [sys.executable, str(HERE / "generate.py"), "--seed", "7", "--count", "4"]
            subprocess.run([*command, "--media", "mixed", "--out", out], check=True)
            lines = (pathlib.Path(out) / "questions.jsonl").read_text(encoding="utf-8").splitlines()
            for record in map(json.loads, lines):
                self.assertEqual(set(record), {"media", "family", "question", "answer"})
                for medium in record["media"]:
                    for file in medium.get("frames", [medium.get("file")]):
                        self.assertGreater((pathlib.Path(out) / file).stat().st_size, 100)


if __name__ == "__main__":
    unittest.main()

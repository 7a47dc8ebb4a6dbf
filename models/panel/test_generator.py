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

from generator import heat, text
from generator.png import encode
from generator.scene import HEADS, KIND_CELL, KINDS, cells, make, questions, render
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
                self.assertEqual(set(record), {"picture", "family", "question", "answer"})
                png = (pathlib.Path(out) / record["picture"]).read_bytes()
                self.assertEqual(decode(png).shape, (64, 64, 3))


if __name__ == "__main__":
    unittest.main()

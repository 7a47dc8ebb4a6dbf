"""Phases 2 to 4 for all media together: the decoder learns to answer about sounds and clips too.

symbolic   the tokens of sounds and clips are sums of word embeddings of their dense labels; pictures
           are the frozen encoder's features, as they were in the end
project    the projectors of sounds and clips learn to turn features into those sums
real       decoder and projectors learn together on the frozen encoders' features

A row has a picture, a sound or a clip, or two or three of them in any order, or none.
"""

import argparse
import collections
import random
import time

import numpy as np
import torch
from torch import nn

from generator import mixed
from generator.words import SEEDS

from . import data
from . import model as m
from . import packing
from . import tokenizer as t
from .export import FOLDER, PROJECTORS, Parts
from .lexical import lexicons
from .pretrain import rate
from .train import Features, count_exact, loss_and_exact, report

LABELS = {"image": data.labels, "audio": data.sound_labels, "video": data.clip_labels}
FEATURES = {"image": ("features", "labels"), "audio": ("audio-features", "sound-labels"),
            "video": ("video-features", "clip-labels")}  # fmt: skip
SHARES = (0.36, 0.24, 0.4)  # Of pictures, sounds and clips among rows with one medium.
MIXED_SHARE = 0.3  # Of batches.
_FOCUS = {"shapes": 1.0, "lights": 0.7, "display": 0.6}  # Others 0.35.
_FOCUS_SHARES = {
    **packing.FOCUS_SHARES, "display-read": 2.0, "rack-units": 1.5, "describe-tones": 3.0,
    "describe-gauges": 3.0, "describe-beeps": 2.0, "describe-motion": 2.0, "trend-count": 1.5,
}  # fmt: skip


class Source:
    """Media of one modality: their features or none of them, labels, and what was made."""

    def __init__(self, modality, name, symbolic):
        self.modality, self.name, self.symbolic = modality, name, symbolic
        if not symbolic:
            files = FEATURES[modality]
            self.features = Features(name, *files, make=mixed.SOURCES[modality].make)

    def take(self, picker, index=None, focus=False):
        """(features [tokens, H] or None, labels [tokens, heads], made): one at random, or that one.

        With `focus` more of the kinds of pictures that are counted or read digit by digit.
        """
        if self.symbolic:
            first, end = SEEDS[self.name]
            seed = int(picker.integers(first, end)) if index is None else first + index
            made = mixed.SOURCES[self.modality].make(seed)
            return None, LABELS[self.modality](made), made
        known = self.features
        if index is None:
            index = int(picker.integers(0, len(known.values)))
            while focus and self.modality == "image" and picker.random() > self._wanted(index):
                index = int(picker.integers(0, len(known.values)))
        place = index % known.count
        values = np.array(known.values[index])
        return values, known.labels[place], known.make(known.first + place)

    def _wanted(self, index):
        kind = mixed.SOURCES["image"].make(self.features.first + index % self.features.count)["kind"]
        return _FOCUS.get(kind, 0.35)


class Composer:
    """Makes batches of packed rows with their media; deterministic from its seed."""

    def __init__(self, tokenizer, sources, given, seed):
        self.tokenizer, self.sources, self.given = tokenizer, sources, given
        self.rng, self.picker = random.Random(seed), np.random.default_rng(seed)

    def batch(self, rows, text_rows):
        """(packed rows, {modality: (features or None, labels)}), media in the order of rows.

        Rows with several media are longer and come in batches of their own.
        """
        if self.rng.random() < self.given.mixed_share:
            known = tuple(packing.MEDIA)
            plan = [tuple(self.rng.sample(known, self.rng.choice((2, 2, 3)))) for _ in range(rows)]
        else:
            chosen = self.rng.choices(tuple(packing.MEDIA), self.given.shares, k=rows)
            plan = [(modality,) for modality in chosen]
        return self.rows([(modalities, None) for modalities in plan], text_rows)

    def rows(self, plan, text_rows):
        """The rows of a plan: [(modalities, index or None)]."""
        packed, media = [], {modality: [] for modality in packing.MEDIA}
        for modalities, index in plan:
            asked, salt = [], self.rng.randrange(1 << 30)
            for modality in modalities:
                source = self.sources[modality]
                values, labels, made = source.take(self.picker, index, self.given.focus)
                media[modality].append((values, labels))
                asked += mixed.SOURCES[modality].questions(made, salt)
            asked = packing.choose(
                asked, self.rng, self.given.describe_share, self.given.focus and _FOCUS_SHARES
            )
            turns = self.rng.choice((1, 1, 1, 1, 1, 2, 3))
            packed.append(
                packing.pack_behind(self.tokenizer, modalities, asked, turns, self.given.budget)
            )
        packed += [packing.text_row(self.tokenizer, self.rng) for _ in range(text_rows)]
        return packing.collate(packed), {k: _stack(v) for k, v in media.items() if v}


def _stack(pairs):
    labels = torch.from_numpy(np.stack([labels for _, labels in pairs]).astype(np.int64))
    if pairs[0][0] is None:
        return None, labels
    return torch.from_numpy(np.stack([values for values, _ in pairs]).astype(np.float32)), labels


def contents(parts, lexicon, media):
    """({modality: [n, tokens, H]} for the decoder, the lexical loss of those that have features)."""
    shown, loss = {}, torch.zeros(())
    for modality, (values, labels) in media.items():
        projector = parts.projectors[modality]
        wanted = lexicon[modality](labels, parts.decoder.embed.weight)
        if values is None:
            shown[modality] = wanted + projector.where()
            continue
        content = projector.content(values)
        weight = torch.where((labels > 0).any(-1), 1.0, 0.2)[..., None]
        loss = loss + ((content - wanted) ** 2 * weight).mean() * 10
        shown[modality] = content + projector.where()
    return shown, loss


def run(decoder, batch, shown):
    """Loss and, per question, whether every token of its answer is the likeliest one."""
    x = decoder.embed(batch.tokens)
    for modality, values in shown.items():
        at = batch.tokens == packing.MEDIA[modality][0]
        x = x.masked_scatter(at[..., None], values.flatten(0, 1))
    return loss_and_exact(decoder, batch, x)


@torch.no_grad()
def judge(parts, lexicon, tokenizer, given, symbolic, rows, batch=24):
    """Exact match on dev media: {kind of row: {family: [right, asked]}}."""
    sources = {k: Source(k, "dev", k in symbolic) for k in packing.MEDIA}
    plain = argparse.Namespace(describe_share=1.0, budget=given.budget, focus=False)
    composer = Composer(tokenizer, sources, plain, 5)
    found = {}
    for kind in (*packing.MEDIA, "mixed"):
        tally = found[kind] = collections.defaultdict(lambda: [0, 0])
        for first in range(0, rows, batch):
            plan = []
            for index in range(first, first + batch):
                chosen = composer.rng.sample(tuple(packing.MEDIA), 2 + index % 2)
                plan.append(((kind,) if kind in packing.MEDIA else tuple(chosen), index))
            packed, media = composer.rows(plan, 1 if kind == "mixed" else 0)
            shown, _ = contents(parts, lexicon, media)
            count_exact(tally, packed, run(parts.decoder, packed, shown)[1])
    return found


def load(parts, path):
    """Takes over what is in build/decoder.pt; what is not in it begins from pictures or anew."""
    kept = torch.load(path)
    m.load_decoder(parts.decoder, kept["decoder"])
    for modality, name in PROJECTORS.items():
        if name in kept:
            parts.projectors[modality].load_state_dict(kept[name])
        elif modality == "video":
            parts.projectors[modality].warm_start(parts.projectors["image"])


def save(parts, path):
    """Writes decoder and projectors."""
    state = {name: parts.projectors[k].state_dict() for k, name in PROJECTORS.items()}
    torch.save({"decoder": parts.decoder.state_dict(), **state}, path)


def options():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("phase", choices=("symbolic", "project", "real"))
    parser.add_argument("--symbolic", nargs="*", choices=tuple(packing.MEDIA), default=[],
                        help="media that are still words in phase real")  # fmt: skip
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--stop", type=int, help="end after so many of the steps")
    parser.add_argument("--warm-up", type=int, default=100)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--budget", type=int, default=92, help="tokens of questions in a row")
    parser.add_argument("--peak", type=float, default=6e-4)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--align", type=float, default=1.0, help="weight of the lexical loss")
    parser.add_argument("--describe-share", type=float, default=0.5)
    parser.add_argument("--focus", action="store_true", help="more of what is still weak")
    parser.add_argument("--shares", nargs=3, type=float, default=SHARES,
                        help="of pictures, sounds and clips among rows with one medium")  # fmt: skip
    parser.add_argument("--mixed-share", type=float, default=MIXED_SHARE, help="of batches")
    parser.add_argument("--every", type=int, default=200, help="steps between two reports")
    parser.add_argument("--judge", type=int, default=192, help="dev rows of each kind")
    parser.add_argument("--seed", type=int, default=31)
    return parser.parse_args()


def main():
    """Runs one phase on build/decoder.pt."""
    given = options()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    symbolic = {"audio", "video"} if given.phase == "symbolic" else set(given.symbolic)
    tokenizer = t.Tokenizer(FOLDER / "tokenizer.json")
    lexicon, parts = lexicons(tokenizer, t.VOCABULARY_SIZE), Parts()
    kept_at = data.WORK / "decoder.pt"
    load(parts, kept_at)
    parameters = [*parts.decoder.parameters(), *parts.projectors.parameters()]
    if given.phase == "project":
        learning = [parts.projectors[k] for k in ("audio", "video") if k not in symbolic]
        parameters = [p for each in learning for part in (each.up, each.down) for p in part.parameters()]
    optimiser = torch.optim.AdamW(parameters, betas=(0.9, 0.98), weight_decay=0.02)
    sources = {k: Source(k, "train", k in symbolic) for k in packing.MEDIA}
    composer = Composer(tokenizer, sources, given, given.seed)
    tally, begun = collections.defaultdict(lambda: [0, 0]), time.time()
    last = given.stop or given.steps
    for step in range(last):
        for group in optimiser.param_groups:
            group["lr"] = rate(step, given.steps, given.peak, given.warm_up)
        packed, media = composer.batch(given.batch, 1)
        shown, aligned = contents(parts, lexicon, media)
        if given.phase == "project":
            loss = aligned
        else:
            answered, exact = run(parts.decoder, packed, shown)
            loss = answered + given.align * aligned
            count_exact(tally, packed, exact)
        optimiser.zero_grad()
        loss.backward()
        if torch.isfinite(nn.utils.clip_grad_norm_(parameters, 1.0)):
            optimiser.step()
        if (step + 1) % given.every == 0 or step == last - 1:
            seen = report(tally) if tally else ""
            spent = time.time() - begun
            print(f"{spent:5.0f} s step {step + 1} loss {loss.item():.4f} {seen}", flush=True)
            tally.clear()
            save(parts, kept_at)
        if (step + 1) % (5 * given.every) == 0 or step == last - 1:
            rows = given.judge * (4 if step == last - 1 else 1)
            found = judge(parts, lexicon, tokenizer, given, symbolic, rows)
            for kind, outcome in found.items():
                print(f"dev {kind}", report(outcome), flush=True)


if __name__ == "__main__":
    main()

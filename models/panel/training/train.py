"""Phases 2 to 4: the decoder learns to answer, first from words in place of pictures.

symbolic   picture tokens are sums of word embeddings of the dense labels; no pixels are involved
project    the projector learns to turn the frozen encoder's features into those sums
real       decoder and projector learn together on the frozen encoder's features
"""

import argparse
import collections
import random
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from generator.scene import KINDS, make, questions
from generator.words import SEEDS

from . import data
from . import model as m
from . import packing
from . import tokenizer as t
from .export import FOLDER
from .lexical import Lexicon
from .pretrain import rate

_FOCUS = {"shapes": 1.0, "lights": 1.0, "rack": 0.6}


class Asker:
    """Makes batches of packed rows; deterministic from its seed."""

    def __init__(self, tokenizer, seed, describe_share, budget=112, focus=False):
        self.tokenizer, self.rng = tokenizer, random.Random(seed)
        self.describe_share, self.budget, self.focus = describe_share, budget, focus

    def rows(self, scenes, text_rows=1):
        """A row for each scene, and rows without a picture at the end."""
        rows = []
        for scene in scenes:
            asked = questions(scene, salt=self.rng.randrange(1 << 30))
            asked = packing.choose(asked, self.rng, self.describe_share, self.focus)
            turns = self.rng.choice((1, 1, 1, 1, 1, 2, 3))
            rows.append(packing.pack(self.tokenizer, asked, True, turns, self.budget))
        rows += [packing.text_row(self.tokenizer, self.rng) for _ in range(text_rows)]
        return packing.collate(rows)


def run(decoder, batch, media):
    """Loss and, per question, whether every token of its answer is the likeliest one."""
    x = decoder.embed(batch.tokens)
    pad = (0, 0, 2, x.shape[1] - packing.PREFIX, 0, x.shape[0] - media.shape[0])
    x = torch.where(batch.pictures[..., None], functional.pad(media, pad), x)
    return loss_and_exact(decoder, batch, x)


def loss_and_exact(decoder, batch, x):
    """As run() says, from what the decoder reads [B, T, H]."""
    hidden, _ = decoder.hidden(x, batch.positions, batch.bias)
    logits = decoder.logits(hidden.flatten(0, 1)[batch.at])
    each = functional.cross_entropy(logits, batch.target, reduction="none")
    count = len(batch.families)
    lengths = torch.zeros(count).index_add_(0, batch.owner, torch.ones_like(each))
    loss = (each * lengths[batch.owner] ** -0.5).sum() / count
    wrong = (logits.argmax(-1) != batch.target).float()
    return loss, torch.zeros(count).index_add_(0, batch.owner, wrong) == 0


def report(tally, columns=6):
    """One text of exact match per family, weakest first; and the overall share."""
    ranked = sorted(tally.items(), key=lambda item: item[1][0] / item[1][1])
    parts = [f"{family} {100 * right / asked:.0f}" for family, (right, asked) in ranked]
    lines = [", ".join(parts[i : i + columns]) for i in range(0, len(parts), columns)]
    right, asked = (sum(v[k] for v in tally.values()) for k in (0, 1))
    return f"exact {100 * right / asked:.2f} % of {asked}\n    " + "\n    ".join(lines)


def count_exact(tally, batch, exact):
    """Adds a batch's outcomes to tally[family] = [right, asked]."""
    for family, good in zip(batch.families, exact.tolist()):
        tally[family][0] += good
        tally[family][1] += 1


def easy(scene, limit):
    """Whether a scene of shapes has at most `limit` things; other kinds are always easy."""
    return scene["kind"] != "shapes" or len(scene["content"]["things"]) <= limit


def symbolic_scenes(rng, count, limit):
    """Fresh scenes of training seeds."""
    found = []
    while len(found) < count:
        scene = make(rng.randrange(*SEEDS["train"]))
        if easy(scene, limit):
            found.append(scene)
    return found


class Features:
    """The frozen encoder's features of a drawn set, float16 [N, 36, H], with their labels."""

    def __init__(self, name, values="features", labels="labels", make=make):
        self.first, self.make = SEEDS[name][0], make
        self.values = np.load(data.WORK / f"{name}.{values}.npy", mmap_mode="r")
        self.labels = np.load(data.WORK / f"{name}.{labels}.npy")
        self.count = len(self.labels)

    def draw(self, picker, count, focus):
        """`count` random rows; with `focus` more of the kinds whose answers are long or counted."""
        if not focus:
            return picker.integers(0, len(self.values), count)
        kinds = self.labels[:, -1, 0]
        shares = np.array([0, *(_FOCUS.get(kind, 0.35) for kind in KINDS)])[kinds].cumsum()
        found = np.searchsorted(shares, picker.random(count) * shares[-1])
        copies = len(self.values) // self.count
        return found + self.count * picker.integers(0, copies, count)

    def take(self, chosen):
        """(features [B, 36, H], labels [B, 36, heads], scenes); rows past `count` are rough ones."""
        values = torch.from_numpy(self.values[chosen].astype(np.float32))
        labels = torch.from_numpy(self.labels[chosen % self.count].astype(np.int64))
        return values, labels, [self.make(self.first + int(i) % self.count) for i in chosen]


@torch.no_grad()
def judge(decoder, projector, asker, features, rows=512, batch=32):
    """Exact match per family on drawn dev pictures."""
    tally = collections.defaultdict(lambda: [0, 0])
    for first in range(0, rows, batch):
        values, _, scenes = features.take(np.arange(first, first + batch))
        packed = asker.rows(scenes)
        count_exact(tally, packed, run(decoder, packed, projector(values))[1])
    return tally


def main():
    """Runs one phase and writes build/decoder.pt."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("phase", choices=("symbolic", "project", "real"))
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--stop", type=int, help="end after so many of the steps")
    parser.add_argument("--warm-up", type=int, default=200)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--budget", type=int, default=112, help="tokens of questions in a row")
    parser.add_argument("--peak", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--align", type=float, default=0.0, help="weight of the lexical loss")
    parser.add_argument("--describe-share", type=float, default=0.25)
    parser.add_argument("--curriculum", type=float, default=0.0, help="share of steps with few things")
    parser.add_argument("--focus", action="store_true", help="more of what is still weak")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--seed", type=int, default=11)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    rng, picker = random.Random(given.seed), np.random.default_rng(given.seed)
    tokenizer = t.Tokenizer(FOLDER / "tokenizer.json")
    lexicon = Lexicon(tokenizer, t.VOCABULARY_SIZE)
    decoder, projector = m.Decoder(t.VOCABULARY_SIZE), m.Projector()
    kept_at = data.WORK / "decoder.pt"
    if given.resume:
        kept = torch.load(kept_at)
        m.load_decoder(decoder, kept["decoder"])
        projector.load_state_dict(kept["projector"])
    parameters = [*decoder.parameters(), *projector.parameters()]
    if given.phase == "project":
        parameters = [*projector.up.parameters(), *projector.down.parameters()]
    optimiser = torch.optim.AdamW(parameters, betas=(0.9, 0.98), weight_decay=0.02)
    asker = Asker(tokenizer, given.seed, given.describe_share, given.budget, given.focus)
    train, dev = (None, None) if given.phase == "symbolic" else (Features("train"), Features("dev"))
    tally, begun = collections.defaultdict(lambda: [0, 0]), time.time()
    last = given.stop or given.steps
    for step in range(last):
        for group in optimiser.param_groups:
            group["lr"] = rate(step, given.steps, given.peak, given.warm_up)
        if given.phase == "symbolic":
            limit = 3 if step < given.curriculum * given.steps else 9
            scenes = symbolic_scenes(rng, given.batch, limit)
            labels = torch.from_numpy(np.stack([data.labels(s) for s in scenes]).astype(np.int64))
            media = lexicon(labels, decoder.embed.weight) + projector.where()
            loss, exact = run(decoder, packed := asker.rows(scenes), media)
        else:
            chosen = train.draw(picker, given.batch, given.focus)
            values, labels, scenes = train.take(chosen)
            content = projector.content(values)
            wanted = lexicon(labels, decoder.embed.weight)
            weight = torch.where((labels > 0).any(-1), 1.0, 0.2)[..., None]
            loss = ((content - wanted) ** 2 * weight).mean() * 10
            if given.phase == "real":
                answered, exact = run(decoder, packed := asker.rows(scenes), content + projector.where())
                loss = answered + given.align * loss
        optimiser.zero_grad()
        loss.backward()
        if torch.isfinite(nn.utils.clip_grad_norm_(parameters, 1.0)):
            optimiser.step()
        if given.phase != "project":
            count_exact(tally, packed, exact)
        if step % 200 == 199 or step == last - 1:
            seen = report(tally) if tally else ""
            print(f"{time.time() - begun:5.0f} s step {step + 1} loss {loss.item():.4f} {seen}", flush=True)
            tally.clear()
            if dev and (step % 500 == 499 or step == last - 1):
                found = judge(decoder, projector, Asker(tokenizer, 5, 1.0), dev)
                print("dev", report(found), flush=True)
            torch.save({"decoder": decoder.state_dict(), "projector": projector.state_dict()}, kept_at)


if __name__ == "__main__":
    main()

"""Trains the decoder with its cross-attention; the encoder stays as panel has it.

Decoder and projector begin as panel's, the cross-attention layers as panel's own attention to
pictures, and learn together on the frozen encoder's features.
"""

import argparse
import collections
import pathlib
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from training import data, packing
from training import model as m
from training import tokenizer as t
from training import train as panel
from training.lexical import Lexicon
from training.pretrain import rate

from . import model as x
from .text import text_questions

FOLDER = pathlib.Path(__file__).resolve().parent.parent
BUILD = FOLDER / "build"


def narrow(row):
    """A row of panel's with one token in place of a picture's many."""
    count = row.tokens.count(t.IMAGE)
    if count == 0:
        return row
    first, gone = row.tokens.index(t.IMAGE) + 1, count - 1

    def cut(values):
        return values[:first] + values[first + gone :]

    positions = cut(row.positions)
    positions = positions[:first] + [position - gone for position in positions[first:]]
    return packing.Row(
        cut(row.tokens), positions, cut(row.segments), cut(row.question), row.families
    )


class Asker(panel.Asker):
    """Packed rows for pictures of one token."""

    def rows(self, scenes, text_rows=1):
        """A row for each scene, and rows without a picture at the end."""
        found = []
        for scene in scenes:
            asked = panel.questions(scene, salt=self.rng.randrange(1 << 30))
            asked = packing.choose(asked, self.rng, self.describe_share, self.focus)
            turns = self.rng.choice((1, 1, 1, 1, 1, 2, 3))
            found.append(narrow(packing.pack(self.tokenizer, asked, True, turns, self.budget)))
        found += [self.text_row() for _ in range(text_rows)]
        return packing.collate(found)

    def text_row(self):
        """A row of questions without a picture."""
        asked = [self.rng.choice(text_questions()) for _ in range(8)]
        return packing.pack(self.tokenizer, asked, False, 1, 112)


def run(decoder, batch, media):
    """Loss and, per question, whether every token of its answer is the likeliest one."""
    rows, length = batch.tokens.shape
    media = functional.pad(media, (0, 0, 0, 0, 0, rows - media.shape[0]))
    mask = (batch.pictures.cumsum(1) > 0)[..., None].expand(-1, -1, m.PICTURE_TOKENS)
    bias, seeing = x.cross_bias(mask)
    hidden, _ = decoder.hidden(
        decoder.embed(batch.tokens), batch.positions, batch.bias, decoder.states(media), bias, seeing
    )
    logits = decoder.logits(hidden.flatten(0, 1)[batch.at])
    each = functional.cross_entropy(logits, batch.target, reduction="none")
    count = len(batch.families)
    lengths = torch.zeros(count).index_add_(0, batch.owner, torch.ones_like(each))
    loss = (each * lengths[batch.owner] ** -0.5).sum() / count
    wrong = (logits.argmax(-1) != batch.target).float()
    return loss, torch.zeros(count).index_add_(0, batch.owner, wrong) == 0


@torch.no_grad()
def judge(decoder, projector, asker, features, rows=512, batch=32):
    """Exact match per family on drawn dev pictures."""
    tally = collections.defaultdict(lambda: [0, 0])
    for first in range(0, rows, batch):
        values, _, scenes = features.take(np.arange(first, first + batch))
        packed = asker.rows(scenes)
        panel.count_exact(tally, packed, run(decoder, packed, projector(values))[1])
    return tally


def begin(given):
    """Decoder and projector: panel's, or the ones of an earlier phase."""
    decoder, projector = x.Decoder(x.ENTRIES), m.Projector()
    kept = torch.load(given.start)
    projector.load_state_dict(kept["projector"])
    if given.resume:
        decoder.load_state_dict(kept["decoder"])
        return decoder, projector
    # Panel's vocabulary begins with this model's.
    weights = {**kept["decoder"], "embed.weight": kept["decoder"]["embed.weight"][: x.ENTRIES]}
    decoder.text.load_state_dict(weights)
    decoder.warm()
    return decoder, projector


def options():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", type=pathlib.Path, default=data.WORK / "decoder.pt")
    parser.add_argument("--resume", action="store_true", help="the start is of this model")
    parser.add_argument("--out", type=pathlib.Path, default=BUILD / "decoder_x.pt")
    parser.add_argument("--data", type=pathlib.Path, default=data.WORK, help="panel's build folder")
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--stop", type=int, help="end after so many of the steps")
    parser.add_argument("--warm-up", type=int, default=200)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--budget", type=int, default=112, help="tokens of questions in a row")
    parser.add_argument("--peak", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--align", type=float, default=1.0, help="weight of the lexical loss")
    parser.add_argument("--describe-share", type=float, default=0.25)
    parser.add_argument("--focus", action="store_true", help="more of what is still weak")
    parser.add_argument("--every", type=int, default=100, help="steps between lines of the log")
    parser.add_argument("--seed", type=int, default=21)
    return parser.parse_args()


def main():
    """Trains for a number of steps and writes the state."""
    given = options()
    data.WORK = given.data
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    picker = np.random.default_rng(given.seed)
    tokenizer = t.Tokenizer(FOLDER / "tokenizer.json")
    lexicon = Lexicon(tokenizer, x.ENTRIES)
    decoder, projector = begin(given)
    parameters = [*decoder.parameters(), *projector.parameters()]
    optimiser = torch.optim.AdamW(parameters, betas=(0.9, 0.98), weight_decay=0.02)
    asker = Asker(tokenizer, given.seed, given.describe_share, given.budget, given.focus)
    train, dev = panel.Features("train"), panel.Features("dev")
    tally, begun = collections.defaultdict(lambda: [0, 0]), time.time()
    last = given.stop or given.steps
    for step in range(last):
        for group in optimiser.param_groups:
            group["lr"] = rate(step, given.steps, given.peak, given.warm_up)
        values, labels, scenes = train.take(train.draw(picker, given.batch, given.focus))
        content = projector.content(values)
        wanted = lexicon(labels, decoder.embed.weight)
        weight = torch.where((labels > 0).any(-1), 1.0, 0.2)[..., None]
        aligned = ((content - wanted) ** 2 * weight).mean() * 10
        loss, exact = run(decoder, packed := asker.rows(scenes), content + projector.where())
        loss = loss + given.align * aligned
        optimiser.zero_grad()
        loss.backward()
        if torch.isfinite(nn.utils.clip_grad_norm_(parameters, 1.0)):
            optimiser.step()
        panel.count_exact(tally, packed, exact)
        if (step + 1) % given.every == 0 or step == last - 1:
            gates = " ".join(
                f"{layer.attention_gate.item():.2f}/{layer.feed_gate.item():.2f}"
                for layer in decoder.cross
            )
            spent = time.time() - begun
            print(f"{spent:5.0f} s step {step + 1} gates {gates} {panel.report(tally)}", flush=True)
            tally.clear()
            if (step + 1) % 500 == 0 or step == last - 1:
                asked = Asker(tokenizer, 5, 1.0)
                print("dev", panel.report(judge(decoder, projector, asked, dev)), flush=True)
            kept = {"decoder": decoder.state_dict(), "projector": projector.state_dict()}
            torch.save(kept, given.out)


if __name__ == "__main__":
    main()

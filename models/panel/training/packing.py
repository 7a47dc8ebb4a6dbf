"""Packs the questions about a picture, or about several media, into one row, behind their tokens.

A row is <bos><user>, the media's tokens (36 of a picture), then segments "question <end><assistant> answer <end>".
Each segment sees the prefix and itself only, and its positions restart after the prefix, so that
every segment looks like a conversation of its own. A segment may have two or three turns.
"""

import dataclasses

import numpy as np
import torch

from generator.text import questions as text_questions

from . import model as m
from . import tokenizer as t

PREFIX = 2 + m.PICTURE_TOKENS
_SHARES = {
    "kind": 0.4, "count-all": 0.6, "where-is": 1.6, "colour-of-shape": 1.6, "shape-of-colour": 1.6,
    "heat-level": 1.4, "heat-hottest": 1.4, "heat-coolest": 1.4, "bar-value": 1.3,
    "sound-kind": 0.5, "clip-kind": 0.5, "alarm-any": 0.6, "gauges-count": 0.6,
}  # fmt: skip

FOCUS_SHARES = {
    "describe-shapes": 8.0, "describe-lights": 4.0, "describe-rack": 3.0, "describe-display": 2.0,
    "light-count": 3.0, "count-all": 2.0, "count-colour": 2.0, "count-shape": 2.0,
    "count-colour-shape": 2.0, "rack-on": 2.0, "rack-off": 2.0, "heat-critical": 2.0,
}  # fmt: skip


@dataclasses.dataclass
class Row:
    """Tokens of one row, and for each: position, segment (0 is the prefix) and question (or -1).

    `question[i]` is the index in `families` that token i + 1 answers, -1 where nothing is learned.
    """

    tokens: list
    positions: list
    segments: list
    question: list
    families: list


def choose(asked, rng, describe_share, focus=False):
    """Orders questions at random by their families' shares; long answers come at times only.

    `focus` asks more for what pictures alone were weak at, or is {family: share} itself.
    """
    shares = (FOCUS_SHARES if focus is True else focus) or _SHARES
    keyed = []
    for record in asked:
        family = record[0]
        if family.startswith("describe") and rng.random() > describe_share:
            continue
        keyed.append((rng.random() ** (1 / shares.get(family, 1.0)), record))
    return [record for _, record in sorted(keyed, key=lambda pair: -pair[0])]


def pack(tokenizer, asked, with_picture, turns, budget):
    """A row of questions about a picture, or about none."""
    return pack_behind(tokenizer, ("image",) if with_picture else (), asked, turns, budget)


# Modality: (the token that stands for its media, how many of them one medium is).
MEDIA = {
    "image": (t.IMAGE, m.PICTURE_TOKENS),
    "audio": (t.AUDIO, m.SOUND_TOKENS),
    "video": (t.VIDEO, m.CLIP_TOKENS),
}


def pack_behind(tokenizer, modalities, asked, turns, budget):
    """A row of as many of the questions, in order, as the budget of tokens allows."""
    tokens = [t.BOS, t.USER]
    for token, count in (MEDIA[modality] for modality in modalities):
        tokens += [token] * count
    start = len(tokens)
    row = Row(tokens, list(range(start)), [0] * start, [-1] * start, [])
    segment = 0
    for index, (family, question, answer) in enumerate(asked):
        answer = [*tokenizer.encode(answer), t.END]
        ask = [*tokenizer.encode(question), t.END, t.ASSISTANT]
        if index and len(row.tokens) - start + len(ask) + len(answer) > budget:
            continue
        if segment and segment % turns:
            ask = [t.USER, *ask]
            position = row.positions[-1] + 1
            owner = row.segments[-1]
        else:
            position, owner = start, index + 1
        segment += 1
        count = len(ask) + len(answer)
        row.tokens += ask + answer
        row.positions += range(position, position + count)
        row.segments += [owner] * count
        row.question += [-1] * (len(ask) - 1) + [len(row.families)] * len(answer) + [-1]
        row.families.append(family)
    return row


@dataclasses.dataclass
class Batch:
    """Tensors of B rows of T tokens; K learned tokens that belong to Q questions."""

    tokens: torch.Tensor  # [B, T]
    positions: torch.Tensor  # [B, T]
    bias: torch.Tensor  # [B, 1, T, T]
    pictures: torch.Tensor  # bool [B, T]: where a picture's tokens go.
    at: torch.Tensor  # [K]: flat index of the token before each learned one.
    target: torch.Tensor  # [K]
    owner: torch.Tensor  # [K]: the question that each learned token belongs to.
    families: list  # Q names.


def collate(rows):
    """Pads rows to one length (and to a multiple of 8)."""
    length = -(-max(len(row.tokens) for row in rows) // 8) * 8
    shape = (len(rows), length)
    tokens, positions = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    segments = np.full(shape, -1, np.int64)
    at, target, owner, families = [], [], [], []
    for index, row in enumerate(rows):
        count = len(row.tokens)
        tokens[index, :count], positions[index, :count] = row.tokens, row.positions
        segments[index, :count] = row.segments
        for place, question in enumerate(row.question):
            if question >= 0:
                at.append(index * length + place)
                target.append(row.tokens[place + 1])
                owner.append(len(families) + question)
        families += row.families
    steps = np.arange(length)
    seen = (segments[:, :, None] == segments[:, None, :]) | (segments[:, None, :] == 0)
    seen &= steps[None, :, None] >= steps[None, None, :]
    bias = torch.from_numpy((~seen).astype(np.float32))[:, None] * m.MASKED
    tokens = torch.from_numpy(tokens)
    return Batch(
        tokens, torch.from_numpy(positions), bias, tokens == t.IMAGE,
        torch.tensor(at), torch.tensor(target), torch.tensor(owner), families,
    )  # fmt: skip


def text_row(tokenizer, rng):
    """A row of questions without a picture."""
    return pack(tokenizer, text_questions(rng, 8), with_picture=False, turns=1, budget=112)

"""Compares the exported graphs with the PyTorch model, text by text.

Usage: reference.py FOLDER GIVEN, where FOLDER is what panel's generate.py wrote and GIVEN what
evaluate.mjs wrote with --out from it. PyTorch runs the plain definition: the whole conversation
anew for every token, without a cache.
"""

import json
import pathlib
import sys

import torch

from training import model as m
from training import tokenizer as t
from training.pretrain import pixels
from training.reference import NEW_TOKENS_MAX, read_png

from . import model as x
from .export import FOLDER, load


class Reference:
    """The model as PyTorch defines it."""

    def __init__(self, vision, weights):
        self.tokenizer = t.Tokenizer(FOLDER / "tokenizer.json")
        self.vision, self.projector, self.decoder = (part.eval() for part in load(vision, weights))

    @torch.no_grad()
    def answer(self, picture, question):
        """The greedy answer to a question about a picture, uint8 [96, 96, 3]."""
        states = self.decoder.states(self.projector(self.vision(pixels(picture[None]))))
        tokens = [t.BOS, t.USER, t.IMAGE, *self.tokenizer.encode(question), t.END, t.ASSISTANT]
        begun = len(tokens)
        while len(tokens) - begun < NEW_TOKENS_MAX:
            count = len(tokens)
            embedded = self.decoder.embed(torch.tensor([tokens]))
            bias = m.attention_bias(torch.ones(1, count, dtype=torch.int64), 0, count)
            seen = (torch.arange(count) >= tokens.index(t.IMAGE))[None, :, None]
            cross = x.cross_bias(seen.expand(-1, -1, m.PICTURE_TOKENS))
            positions = torch.arange(count)[None]
            hidden, _ = self.decoder.hidden(embedded, positions, bias, states, *cross)
            token = self.decoder.logits(hidden[0, -1]).argmax().item()
            if token == t.END:
                break
            tokens.append(token)
        return self.tokenizer.decode(tokens[begun:])


def main():
    """Prints how many texts are equal to PyTorch's."""
    torch.set_num_threads(1)
    folder, given = map(pathlib.Path, sys.argv[1:3])
    build = FOLDER / "build"
    reference = Reference(build / "vision.pt", build / "decoder_x.pt")
    records = [json.loads(line) for line in given.read_text(encoding="utf-8").splitlines()]
    same = sum(
        reference.answer(read_png(folder / record["picture"]), record["question"]) == record["given"]
        for record in records
    )
    print(f"{given.name}: {same} of {len(records)} texts equal PyTorch's")
    if same < len(records):
        sys.exit(1)


if __name__ == "__main__":
    main()

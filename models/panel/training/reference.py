"""Compares the exported graphs with the PyTorch model, text by text.

Usage: reference.py FOLDER GIVEN [GIVEN ...], where FOLDER is what generate.py wrote and every
GIVEN is a file that evaluate.mjs wrote with --out from it. PyTorch runs the plain definition:
the whole conversation anew for every token, without a cache.
"""

import json
import pathlib
import sys
import zlib

import numpy as np
import torch

from generator.wav import decode

from . import data, mel
from . import model as m
from . import tokenizer as t
from .export import FOLDER, Parts
from .pretrain import pixels
from .pretrain_media import prepared

NEW_TOKENS_MAX = 80


def read_png(path):
    """Pixels of a picture that generate.py wrote (8-bit RGB, no filters)."""
    content = path.read_bytes()
    width = int.from_bytes(content[16:20], "big")
    height = int.from_bytes(content[20:24], "big")
    at = content.index(b"IDAT")
    length = int.from_bytes(content[at - 4 : at], "big")
    rows = np.frombuffer(zlib.decompress(content[at + 4 : at + 4 + length]), np.uint8)
    return rows.reshape(height, 1 + 3 * width)[:, 1:].reshape(height, width, 3)


def read(folder, medium):
    """A medium of a record as what its encoder reads, a batch of one."""
    if medium["kind"] == "image":
        return pixels(read_png(folder / medium["file"])[None])
    if medium["kind"] == "audio":
        samples = decode((folder / medium["file"]).read_bytes())
        return prepared("sounds", mel.window(samples)[None])
    count = len(medium["frames"])
    chosen = [medium["frames"][round(i * (count - 1) / (m.FRAMES - 1))] for i in range(m.FRAMES)]
    return prepared("clips", np.stack([read_png(folder / file) for file in chosen])[None])


class Reference:
    """The model as PyTorch defines it."""

    def __init__(self):
        self.tokenizer = t.Tokenizer(FOLDER / "tokenizer.json")
        self.parts = Parts().eval()
        self.parts.load(data.WORK)

    @torch.no_grad()
    def answer(self, media, question):
        """The greedy answer to a question about media: [(modality, what its encoder reads)]."""
        decoder = self.parts.decoder
        shown = [self.parts.projectors[k](self.parts.encoders[k](values)) for k, values in media]
        head = decoder.embed(torch.tensor([[t.BOS, t.USER]]))
        tokens = [*self.tokenizer.encode(question), t.END, t.ASSISTANT]
        made = []
        while len(made) < NEW_TOKENS_MAX:
            tail = decoder.embed(torch.tensor([tokens + made]))
            x = torch.cat((head, *shown, tail), 1)
            count = x.shape[1]
            bias = m.attention_bias(torch.ones(1, count, dtype=torch.int64), 0, count)
            hidden, _ = decoder.hidden(x, torch.arange(count)[None], bias)
            token = decoder.logits(hidden[0, -1]).argmax().item()
            if token == t.END:
                break
            made.append(token)
        return self.tokenizer.decode(made)


def main():
    """Prints how many texts of each file are equal to PyTorch's."""
    torch.set_num_threads(1)
    folder, *files = map(pathlib.Path, sys.argv[1:])
    reference, known = Reference(), {}
    for file in files:
        records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        same = 0
        for record in records:
            key = (json.dumps(record["media"]), record["question"])
            if key not in known:
                media = [(medium["kind"], read(folder, medium)) for medium in record["media"]]
                known[key] = reference.answer(media, key[1])
            same += known[key] == record["given"]
        print(f"{file.name}: {same} of {len(records)} texts equal PyTorch's")
        if same < len(records) and "int8" not in file.name:
            sys.exit(1)


if __name__ == "__main__":
    main()

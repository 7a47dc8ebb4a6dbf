"""What a picture token should look like to the decoder: the words for what its cell shows."""

import torch
from torch import nn

from generator import heat
from generator.scene import HEADS
from generator.words import HEAT_WORDS

_FLAGS = {"most": ("highest", "hottest"), "least": ("lowest", "coolest")}
_KINDS = {
    "shapes": "shapes", "gauge": "gauge", "bars": "chart", "lights": "lights",
    "display": "display", "rack": "rack", "heat": "map",
}  # fmt: skip


def words(head, value):
    """The words that a head's value is spoken with."""
    if head == "flag":
        return _FLAGS[value]
    if head == "kind":
        return (_KINDS[value],)
    if head == "level":
        return (HEAT_WORDS[value * len(HEAT_WORDS) // heat.LEVELS],)
    return ("digits",) if value == "digit" else (str(value),)


class Lexicon(nn.Module):
    """Labels [B, 36, heads] to sums of word embeddings [B, 36, H] (zero where a cell says nothing)."""

    def __init__(self, tokenizer, entries):
        super().__init__()
        rows, self.offsets = [], []
        for head, values in HEADS.items():
            self.offsets.append(len(rows))
            rows.append(torch.zeros(entries))
            for value in values:
                row = torch.zeros(entries)
                forms = {form for w in words(head, value) for form in (w, " " + w)}
                known = [tokenizer.encode(form) for form in sorted(forms)]
                known = [tokens[0] for tokens in known if len(tokens) == 1]
                assert known, f"no single token says {value}"
                row[known] = len(known) ** -0.5
                rows.append(row)
        self.register_buffer("shares", torch.stack(rows))

    def forward(self, labels, embeddings):
        """`embeddings` is the decoder's table [V, H]."""
        table = self.shares @ embeddings
        return sum(table[labels[..., head] + offset] for head, offset in enumerate(self.offsets))

"""The decoder with gated cross-attention, as Llama 3.2 Vision has it, around panel's own layers.

Text tokens alone go through self-attention; a picture is one token there. What pictures show is
read by the cross-attention layers only, from keys and values that depend on the picture alone.
"""

import torch
from torch import nn
from torch.nn import functional

from training import model as m

CROSS_LAYERS = (1, 3, 5)  # Of 7; the others are panel's four self-attention layers, in order.
LAYERS = m.LAYERS + len(CROSS_LAYERS)
SELF_LAYERS = tuple(index for index in range(LAYERS) if index not in CROSS_LAYERS)
FEED_FORWARD = 256
ENTRIES = 640  # Of tokenizer.json.


class HeadNorm(nn.Module):
    """Root mean square norm of every head of queries or keys."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(m.HEAD_SIZE))

    def forward(self, x):
        return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + m.NORM_EPSILON) * self.weight


class CrossLayer(nn.Module):
    """Text attends to pictures, then a feed-forward; both behind a tanh gate."""

    def __init__(self):
        super().__init__()
        self.norm_1, self.norm_2 = m.Norm(), m.Norm()
        self.q = nn.Linear(m.HIDDEN, m.HEADS * m.HEAD_SIZE, bias=False)
        self.k = nn.Linear(m.HIDDEN, m.KV_HEADS * m.HEAD_SIZE, bias=False)
        self.v = nn.Linear(m.HIDDEN, m.KV_HEADS * m.HEAD_SIZE, bias=False)
        self.out = nn.Linear(m.HEADS * m.HEAD_SIZE, m.HIDDEN, bias=False)
        self.q_norm, self.k_norm = HeadNorm(), HeadNorm()
        self.gate = nn.Linear(m.HIDDEN, FEED_FORWARD, bias=False)
        self.up = nn.Linear(m.HIDDEN, FEED_FORWARD, bias=False)
        self.down = nn.Linear(FEED_FORWARD, m.HIDDEN, bias=False)
        # Gates that begin at nought leave the layers without a gradient to begin with.
        self.attention_gate = nn.Parameter(torch.tensor([0.5]))
        self.feed_gate = nn.Parameter(torch.tensor([0.5]))
        nn.init.normal_(self.down.weight, std=0.02)

    def states(self, media):
        """Keys and values [B, KV_HEADS, M, HEAD_SIZE] of projected pictures [B, M, H]."""
        shape = (media.shape[0], media.shape[1], m.KV_HEADS, m.HEAD_SIZE)
        key = self.k_norm(self.k(media).view(shape)).transpose(1, 2)
        return key, self.v(media).view(shape).transpose(1, 2)

    def forward(self, x, key, value, bias, seeing):
        """x [B, S, H], bias [B, 1, S, M], seeing bool [B, S, 1]: rows that see any picture."""
        batch, new = x.shape[0], x.shape[1]
        q = self.q_norm(self.q(self.norm_1(x)).view(batch, new, m.HEADS, m.HEAD_SIZE))
        q = q.transpose(1, 2).reshape(batch, m.KV_HEADS, -1, new, m.HEAD_SIZE)
        scores = q @ key[:, :, None].transpose(-1, -2) * m.HEAD_SIZE**-0.5 + bias[:, None]
        mixed = (scores.softmax(-1) @ value[:, :, None]).reshape(batch, m.HEADS, new, m.HEAD_SIZE)
        seen = self.out(mixed.transpose(1, 2).reshape(batch, new, m.HEADS * m.HEAD_SIZE))
        nothing = torch.zeros_like(x)
        x = x + self.attention_gate.tanh() * torch.where(seeing, seen, nothing)
        h = self.norm_2(x)
        fed = self.down(functional.silu(self.gate(h)) * self.up(h))
        return x + self.feed_gate.tanh() * torch.where(seeing, fed, nothing)


class Decoder(nn.Module):
    """Embeddings to logits, past pictures."""

    def __init__(self, entries):
        super().__init__()
        self.text = m.Decoder(entries)
        self.cross = nn.ModuleList(CrossLayer() for _ in CROSS_LAYERS)

    @property
    def embed(self):
        """The word embeddings, tied to the output."""
        return self.text.embed

    def warm(self):
        """Begins a cross layer as the self-attention layer after it reads pictures in panel."""
        for layer, index in zip(self.cross, CROSS_LAYERS):
            source = self.text.layers[index - CROSS_LAYERS.index(index)]
            scale = source.norm_1.weight.detach()
            with torch.no_grad():
                layer.norm_1.weight.copy_(scale)
                layer.q.weight.copy_(source.q.weight)
                layer.k.weight.copy_(source.k.weight * scale)
                layer.v.weight.copy_(source.v.weight * scale)
                layer.out.weight.copy_(source.out.weight)

    def states(self, media):
        """(key, value) of every cross-attention layer."""
        return [layer.states(media) for layer in self.cross]

    def hidden(self, x, positions, bias, states, cross_bias, seeing, past=None):
        """Last hidden states [B, S, H] and the present (key, value) of every self layer."""
        cos, sin = m.rotary(positions)
        present = []
        for index in range(LAYERS):
            if index in CROSS_LAYERS:
                which = CROSS_LAYERS.index(index)
                x = self.cross[which](x, *states[which], cross_bias, seeing)
                continue
            which = SELF_LAYERS.index(index)
            x, kept = self.text.layers[which](x, cos, sin, bias, past and past[which])
            present.append(kept)
        return self.text.norm(x), present

    def logits(self, hidden):
        """Scores of every entry."""
        return self.text.logits(hidden)


def cross_bias(mask):
    """Bias [B, 1, S, M] and rows that see anything [B, S, 1], of a mask [B, S, M]."""
    bias = (1.0 - mask.to(torch.float32))[:, None] * m.MASKED
    return bias, (mask.sum(-1, keepdim=True) > 0)

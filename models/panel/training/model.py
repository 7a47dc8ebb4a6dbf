"""The model: a small convolutional vision transformer, a projector and a Llama-style decoder.

Shapes: B pictures or sequences, S new tokens, P past tokens, H = 128 hidden, V = 768 entries.
"""

import torch
from torch import nn
from torch.nn import functional

HIDDEN = 128
LAYERS = 4
HEADS = 4
KV_HEADS = 2
HEAD_SIZE = 32
FEED_FORWARD = 352
ROPE_THETA = 10000.0
NORM_EPSILON = 1e-5
CONTEXT = 1024
CELLS = 6
PICTURE_TOKENS = CELLS * CELLS
CLIP_TOKENS = CELLS * CELLS
FRAMES = 4
SOUND_TOKENS = 25
BANDS = 80
MASKED = -1e9  # Added to the score of a key that must not be seen.


class VisionBlock(nn.Module):
    """Pre-norm self-attention and a GELU feed-forward, on [B, tokens, H]."""

    def __init__(self, heads=4, feed_forward=384):
        super().__init__()
        self.heads = heads
        self.norm_1, self.norm_2 = nn.LayerNorm(HIDDEN), nn.LayerNorm(HIDDEN)
        self.qkv, self.out = nn.Linear(HIDDEN, 3 * HIDDEN), nn.Linear(HIDDEN, HIDDEN)
        self.up, self.down = nn.Linear(HIDDEN, feed_forward), nn.Linear(feed_forward, HIDDEN)

    def forward(self, x):
        shape = (x.shape[0], x.shape[1], self.heads, HIDDEN // self.heads)
        q, k, v = (t.reshape(shape).transpose(1, 2) for t in self.qkv(self.norm_1(x)).chunk(3, -1))
        scores = q @ k.transpose(-1, -2) * (HIDDEN // self.heads) ** -0.5
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(x.shape)
        x = x + self.out(mixed)
        return x + self.down(functional.gelu(self.up(self.norm_2(x))))


class Vision(nn.Module):
    """Pixels [B, 3, 96, 96], about -1 to 1, to features [B, 36, H], one per cell of 16 pixels."""

    def __init__(self):
        super().__init__()
        widths = (3, 32, 64, 96, HIDDEN)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in zip(widths, widths[1:])
        )
        self.place = nn.Parameter(torch.randn(1, PICTURE_TOKENS, HIDDEN) * 0.1)
        self.norm_in = nn.LayerNorm(HIDDEN)
        self.blocks = nn.ModuleList(VisionBlock() for _ in range(2))
        self.norm = nn.LayerNorm(HIDDEN)

    def forward(self, pixels):
        x = pixels
        for convolution in self.convolutions[:-1]:
            x = functional.relu(convolution(x))
        x = self.convolutions[-1](x).flatten(2).transpose(1, 2)
        x = self.norm_in(x) + self.place
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


class Audio(nn.Module):
    """Log-mel [B, 80, 200] to features [B, 25, H], one per 80 ms."""

    def __init__(self):
        super().__init__()
        widths = (BANDS, 64, 96, HIDDEN)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(a, b, 5, stride=2, padding=2) for a, b in zip(widths, widths[1:])
        )
        self.place = nn.Parameter(torch.randn(1, SOUND_TOKENS, HIDDEN) * 0.1)
        self.norm_in = nn.LayerNorm(HIDDEN)
        self.blocks = nn.ModuleList(VisionBlock(feed_forward=160) for _ in range(2))
        self.norm = nn.LayerNorm(HIDDEN)

    def forward(self, log_mel):
        x = log_mel
        for convolution in self.convolutions[:-1]:
            x = functional.relu(convolution(x))
        x = self.norm_in(self.convolutions[-1](x).transpose(1, 2)) + self.place
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


class Video(nn.Module):
    """Frames [B, 4, 3, 96, 96], each as pictures are, to features [B, 36, H], one per cell.

    Every frame goes through convolutions like the picture encoder's; what they make of a cell in
    the four frames is joined before the blocks.
    """

    def __init__(self):
        super().__init__()
        widths = (3, 32, 64, 96, HIDDEN)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in zip(widths, widths[1:])
        )
        self.join = nn.Linear(FRAMES * HIDDEN, HIDDEN)
        self.place = nn.Parameter(torch.randn(1, CLIP_TOKENS, HIDDEN) * 0.1)
        self.norm_in = nn.LayerNorm(HIDDEN)
        self.blocks = nn.ModuleList(VisionBlock() for _ in range(2))
        self.norm = nn.LayerNorm(HIDDEN)

    def warm_start(self, vision):
        """Takes over the picture encoder; the join begins as the frames' mean with some spread."""
        known = vision.state_dict()
        self.load_state_dict({**self.state_dict(), **known})
        with torch.no_grad():
            mean = torch.eye(HIDDEN).repeat(1, FRAMES) / FRAMES
            self.join.weight.mul_(0.5).add_(mean)
            self.join.bias.zero_()

    def forward(self, frames):
        x = frames.reshape(-1, *frames.shape[2:])
        for convolution in self.convolutions[:-1]:
            x = functional.relu(convolution(x))
        x = self.convolutions[-1](x).reshape(-1, FRAMES, HIDDEN, CLIP_TOKENS)
        x = x.permute(0, 3, 1, 2).reshape(-1, CLIP_TOKENS, FRAMES * HIDDEN)
        x = self.norm_in(self.join(x)) + self.place
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


class Projector(nn.Module):
    """Features [B, 36, H] to what the decoder reads [B, 36, H]: two layers, then row and column."""

    def __init__(self):
        super().__init__()
        self.up, self.down = nn.Linear(HIDDEN, 2 * HIDDEN), nn.Linear(2 * HIDDEN, HIDDEN)
        self.row = nn.Parameter(torch.randn(CELLS, 1, HIDDEN) * 0.3)
        self.column = nn.Parameter(torch.randn(1, CELLS, HIDDEN) * 0.3)

    def content(self, features):
        """What a cell shows, without where it is."""
        return self.down(functional.gelu(self.up(features)))

    def where(self):
        """Where each cell is: [36, H]."""
        return (self.row + self.column).reshape(PICTURE_TOKENS, HIDDEN)

    def forward(self, features):
        return self.content(features) + self.where()


class ClipProjector(Projector):
    """As for pictures, with a mark that tells the cells of a clip from those of a picture."""

    def __init__(self):
        super().__init__()
        self.mark = nn.Parameter(torch.randn(HIDDEN) * 0.3)

    def warm_start(self, projector):
        """Rows and columns mean what they mean in pictures."""
        with torch.no_grad():
            self.row.copy_(projector.row)
            self.column.copy_(projector.column)

    def where(self):
        return super().where() + self.mark


class SoundProjector(nn.Module):
    """Features [B, 25, H] to what the decoder reads [B, 25, H]: two layers, then the time."""

    def __init__(self):
        super().__init__()
        self.up, self.down = nn.Linear(HIDDEN, 2 * HIDDEN), nn.Linear(2 * HIDDEN, HIDDEN)
        self.time = nn.Parameter(torch.randn(SOUND_TOKENS, HIDDEN) * 0.3)

    def content(self, features):
        """What sounds, without when."""
        return self.down(functional.gelu(self.up(features)))

    def where(self):
        """When each token is: [25, H]."""
        return self.time

    def forward(self, features):
        return self.content(features) + self.where()


class Norm(nn.Module):
    """Root mean square norm."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(HIDDEN))

    def forward(self, x):
        return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + NORM_EPSILON) * self.weight


def rotary(positions):
    """Cosines and sines [B, 1, S, HEAD_SIZE] of rotary embeddings at integer positions [B, S]."""
    steps = torch.arange(0, HEAD_SIZE, 2, dtype=torch.float32)
    angles = positions[:, None, :, None].float() * ROPE_THETA ** (-steps / HEAD_SIZE)
    angles = torch.cat((angles, angles), -1)
    return angles.cos(), angles.sin()


def rotate(x, cos, sin):
    """Turns the pairs (i, i + HEAD_SIZE / 2) of x [B, heads, S, HEAD_SIZE]."""
    low, high = x[..., : HEAD_SIZE // 2], x[..., HEAD_SIZE // 2 :]
    return x * cos + torch.cat((-high, low), -1) * sin


class Layer(nn.Module):
    """One decoder layer: grouped-query attention and SwiGLU."""

    def __init__(self):
        super().__init__()
        self.norm_1, self.norm_2 = Norm(), Norm()
        self.q = nn.Linear(HIDDEN, HEADS * HEAD_SIZE, bias=False)
        self.k = nn.Linear(HIDDEN, KV_HEADS * HEAD_SIZE, bias=False)
        self.v = nn.Linear(HIDDEN, KV_HEADS * HEAD_SIZE, bias=False)
        self.out = nn.Linear(HEADS * HEAD_SIZE, HIDDEN, bias=False)
        self.gate = nn.Linear(HIDDEN, FEED_FORWARD, bias=False)
        self.up = nn.Linear(HIDDEN, FEED_FORWARD, bias=False)
        self.down = nn.Linear(FEED_FORWARD, HIDDEN, bias=False)

    def forward(self, x, cos, sin, bias, past=None):
        """x [B, S, H], bias [B, 1, S, P + S], past (key, value) [B, KV_HEADS, P, HEAD_SIZE]."""
        batch, new = x.shape[0], x.shape[1]
        h = self.norm_1(x)
        q = rotate(self.q(h).view(batch, new, HEADS, HEAD_SIZE).transpose(1, 2), cos, sin)
        k = rotate(self.k(h).view(batch, new, KV_HEADS, HEAD_SIZE).transpose(1, 2), cos, sin)
        v = self.v(h).view(batch, new, KV_HEADS, HEAD_SIZE).transpose(1, 2)
        if past is not None:
            k, v = torch.cat((past[0], k), 2), torch.cat((past[1], v), 2)
        share = HEADS // KV_HEADS
        q = q.reshape(batch, KV_HEADS, share, new, HEAD_SIZE)
        scores = q @ k[:, :, None].transpose(-1, -2) * HEAD_SIZE**-0.5 + bias[:, None]
        mixed = (scores.softmax(-1) @ v[:, :, None]).reshape(batch, HEADS, new, HEAD_SIZE)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, new, HEADS * HEAD_SIZE))
        h = self.norm_2(x)
        return x + self.down(functional.silu(self.gate(h)) * self.up(h)), (k, v)


class Decoder(nn.Module):
    """Embeddings to logits; the word embeddings are tied to the output."""

    def __init__(self, entries):
        super().__init__()
        self.embed = nn.Embedding(entries, HIDDEN)
        nn.init.normal_(self.embed.weight, std=0.35)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = Norm()
        for layer in self.layers:
            for linear in (layer.out, layer.down):
                nn.init.normal_(linear.weight, std=0.02)

    def hidden(self, x, positions, bias, past=None):
        """Last hidden states [B, S, H] and the present (key, value) of every layer."""
        cos, sin = rotary(positions)
        present = []
        for index, layer in enumerate(self.layers):
            x, kept = layer(x, cos, sin, bias, None if past is None else past[index])
            present.append(kept)
        return self.norm(x), present

    def logits(self, hidden):
        """Scores of every entry; scaled because embeddings are wider than usual outputs."""
        return hidden @ self.embed.weight.T * HIDDEN**-0.5 * 2


def load_decoder(decoder, state):
    """Takes over a decoder's state; entries that the tokenizer has got since keep what they are."""
    with torch.no_grad():
        table = decoder.embed.weight.detach().clone()
        known = state["embed.weight"]
        table[: len(known)] = known
    decoder.load_state_dict({**state, "embed.weight": table})


def attention_bias(mask, past, new):
    """Bias [B, 1, S, P + S] of a mask [B, P + S]: its holes are unseen, new tokens are causal."""
    steps = torch.arange(new)
    causal = (steps[None, :] <= steps[:, None]).to(mask.dtype)
    seen_new = mask[:, None, past:] * causal[None]
    seen_past = mask[:, None, :past].expand(-1, new, -1)
    seen = torch.cat((seen_past, seen_new), -1)
    return (1.0 - seen.to(torch.float32))[:, None] * MASKED

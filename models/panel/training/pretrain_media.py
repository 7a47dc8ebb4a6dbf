"""Phase 1 for sounds and clips: their encoders learn to say what the generator knows it made.

As for pictures (see pretrain): linear heads read every token. The video encoder begins as the picture
encoder that is already trained.
"""

import argparse
import time

import numpy as np
import torch
from torch import nn

from generator.clips import clip as clips
from generator.sounds import sound as sounds

from . import data
from . import model as m
from .pretrain import loss_of, rate, roughen

HEADS = {"sounds": sounds.HEADS, "clips": clips.HEADS}
ENCODERS = {"sounds": m.Audio, "clips": m.Video}
FILES = {"sounds": "audio.pt", "clips": "video.pt"}


def prepared(what, media):
    """Arrays of a drawn set as what an encoder reads."""
    media = torch.from_numpy(np.array(media))
    if what == "sounds":
        return media.float()
    return media.permute(0, 1, 4, 2, 3).float().div_(127.5).sub_(1)


def roughened(what, x, rng):
    """What media meet on their way: for clips as for pictures, for sounds other microphones."""
    if what == "clips":
        flat = x.flatten(0, 1)
        return roughen(flat, rng).reshape(x.shape)
    batch = x.shape[0]
    if rng.random() < 0.5:  # A treble control.
        slope = 0.08 * torch.randn(batch, 1, 1) * torch.linspace(-1, 1, m.BANDS)[None, :, None]
        x = x + slope
    if rng.random() < 0.2:  # A narrow channel has no high pitches.
        cut = int(rng.integers(56, m.BANDS))
        x = torch.cat((x[:, :cut], x.amin((1, 2), keepdim=True).expand(-1, m.BANDS - cut, 200)), 1)
    x = x + 0.1 * torch.randn(batch, 1, 1)
    if rng.random() < 0.4:
        x = x + torch.randn_like(x) * (torch.rand(batch, 1, 1) * 0.06)
    return x


@torch.no_grad()
def judge(what, encoder, heads, media, wanted, batch=100):
    """(share of media whose last token is all right, share of right labels per head where one is)."""
    sizes = [1 + len(values) for values in HEADS[what].values()]
    whole, right, said = np.zeros(2), np.zeros(len(sizes)), np.zeros(len(sizes))
    for first in range(0, len(wanted), batch):
        scores = heads(encoder(prepared(what, media[first : first + batch])))
        target = torch.from_numpy(wanted[first : first + batch].astype(np.int64))
        got = torch.stack([part.argmax(-1) for part in scores.split(sizes, -1)], -1)
        same = got == target
        whole += same[:, -1].all(1).sum().item(), same.flatten(1).all(1).sum().item()
        right += (same & (target > 0)).sum((0, 1)).numpy()
        said += (target > 0).sum((0, 1)).numpy()
    return whole / len(wanted), right / said


def main():
    """Trains for a number of steps and writes build/audio.pt or build/video.pt."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=tuple(HEADS))
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--peak", type=float, default=1.5e-3)
    parser.add_argument("--warm-up", type=int, default=200)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--stop", type=int, help="end after so many of the steps")
    parser.add_argument("--background", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument("--every", type=int, default=200, help="steps between two reports")
    parser.add_argument("--resume", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    rng = np.random.default_rng(given.seed)
    what, kept_at = given.what, data.WORK / FILES[given.what]
    media, wanted = data.load("train", what)
    dev = data.load("dev", what)
    sizes = [1 + len(values) for values in HEADS[what].values()]
    encoder, heads = ENCODERS[what](), nn.Linear(m.HIDDEN, sum(sizes))
    if given.resume:
        kept = torch.load(kept_at)
        encoder.load_state_dict(kept["encoder"])
        heads.load_state_dict(kept["heads"])
    elif what == "clips":
        vision = m.Vision()
        vision.load_state_dict(torch.load(data.WORK / "vision.pt")["vision"])
        encoder.warm_start(vision)
    if what == "clips":
        encoder.convolutions.to(memory_format=torch.channels_last)
    parameters = [*encoder.parameters(), *heads.parameters()]
    optimiser = torch.optim.AdamW(parameters, betas=(0.9, 0.98), weight_decay=0.02)
    begun, mean_loss = time.time(), 0.0
    last = given.stop or given.steps
    for step in range(last):
        for group in optimiser.param_groups:
            group["lr"] = rate(step, given.steps, given.peak, given.warm_up)
        chosen = np.sort(rng.integers(0, len(wanted), given.batch))
        x = roughened(what, prepared(what, media[chosen]), rng)
        target = torch.from_numpy(wanted[chosen].astype(np.int64))
        loss = loss_of(heads(encoder(x)), target, given.background, sizes)
        optimiser.zero_grad()
        loss.backward()
        if torch.isfinite(nn.utils.clip_grad_norm_(parameters, 1.0)):
            optimiser.step()
        mean_loss += (loss.item() - mean_loss) / min(step + 1, 100)
        if step % given.every == given.every - 1 or step == last - 1:
            share = 400 if step < last - 1 else len(dev[1])
            whole, right = judge(what, encoder, heads, dev[0][:share], dev[1][:share])
            by_head = " ".join(f"{h} {100 * r:.2f}" for h, r in zip(HEADS[what], right))
            print(
                f"{time.time() - begun:5.0f} s step {step + 1} loss {mean_loss:.4f} last token "
                f"{100 * whole[0]:.1f} % every token {100 * whole[1]:.1f} % {by_head}",
                flush=True,
            )
            torch.save({"encoder": encoder.state_dict(), "heads": heads.state_dict()}, kept_at)


if __name__ == "__main__":
    main()

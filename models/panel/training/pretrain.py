"""Phase 1: the vision encoder learns to say, cell by cell, what the generator knows it drew."""

import argparse
import math
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from generator.scene import HEADS

from . import data
from . import model as m

SIZES = [1 + len(values) for values in HEADS.values()]


def pixels(pictures):
    """uint8 [B, 96, 96, 3] to float [B, 3, 96, 96], -1 to 1, with the channels last in memory."""
    return torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)


def roughen(x, rng):
    """What a picture meets on its way: other scaling, blur, sharpening, exposure, grain, chroma."""
    roll = rng.random()
    if roll < 0.4:
        amount = rng.uniform(-0.3, 0.6)
        near = functional.avg_pool2d(functional.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
        x = x + amount * (near - x)
    if rng.random() < 0.2:
        grey = x.mean(1, keepdim=True)
        chroma = functional.interpolate(functional.avg_pool2d(x - grey, 2), scale_factor=2.0)
        x = grey + chroma
    if rng.random() < 0.15:
        size = int(rng.integers(88, 112))
        x = functional.interpolate(x, size=(size, size), mode="bilinear", align_corners=False)
        x = functional.interpolate(x, size=(96, 96), mode="bilinear", align_corners=False)
    batch = x.shape[0]
    gain = 1 + 0.06 * torch.randn(batch, 1, 1, 1)
    offset = 0.03 * torch.randn(batch, 3, 1, 1)
    x = x * gain + offset
    if rng.random() < 0.4:
        x = x + torch.randn_like(x) * (torch.rand(batch, 1, 1, 1) * 0.04)
    return x.clamp_(-1, 1)


def loss_of(scores, wanted, background, sizes=SIZES):
    """Cross entropy over all heads; a token that says nothing has the weight `background`."""
    total = 0.0
    for head, part in enumerate(scores.split(sizes, -1)):
        target = wanted[..., head].flatten()
        each = functional.cross_entropy(part.flatten(0, 1), target, reduction="none")
        weight = torch.where(target > 0, 1.0, background)
        total = total + (each * weight).sum() / weight.sum().clamp_min(1e-6)
    return total


@torch.no_grad()
def judge(vision, heads, pictures, wanted, batch=250):
    """(share of pictures with every cell right, share of right labels per head where one is)."""
    whole, right, said = 0, np.zeros(len(SIZES)), np.zeros(len(SIZES))
    for first in range(0, len(wanted), batch):
        scores = heads(vision(pixels(pictures[first : first + batch])))
        target = torch.from_numpy(wanted[first : first + batch].astype(np.int64))
        got = torch.stack([part.argmax(-1) for part in scores.split(SIZES, -1)], -1)
        same = got == target
        whole += same.flatten(1).all(1).sum().item()
        right += (same & (target > 0)).sum((0, 1)).numpy()
        said += (target > 0).sum((0, 1)).numpy()
    return whole / len(wanted), right / said


def rate(step, steps, peak, warm_up=200):
    """Learning rate: linear warm-up, then cosine to nearly nothing."""
    if step < warm_up:
        return peak * (step + 1) / warm_up
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (step - warm_up) / (steps - warm_up))))


def main():
    """Trains for a number of steps and writes build/vision.pt."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=6_000)
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--peak", type=float, default=1.5e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--stop", type=int, help="end after so many of the steps")
    parser.add_argument("--background", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--resume", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    rng = np.random.default_rng(given.seed)
    pictures, wanted = data.load("train")
    dev = data.load("dev")
    vision, heads = m.Vision().to(memory_format=torch.channels_last), nn.Linear(m.HIDDEN, sum(SIZES))
    if given.resume:
        kept = torch.load(data.WORK / "vision.pt")
        vision.load_state_dict(kept["vision"])
        heads.load_state_dict(kept["heads"])
    parameters = [*vision.parameters(), *heads.parameters()]
    optimiser = torch.optim.AdamW(parameters, betas=(0.9, 0.98), weight_decay=0.02)
    begun, mean_loss = time.time(), 0.0
    last = given.stop or given.steps
    for step in range(last):
        for group in optimiser.param_groups:
            group["lr"] = rate(step, given.steps, given.peak)
        chosen = np.sort(rng.integers(0, len(wanted), given.batch))
        x = roughen(pixels(pictures[chosen]), rng)
        target = torch.from_numpy(wanted[chosen].astype(np.int64))
        loss = loss_of(heads(vision(x)), target, given.background)
        optimiser.zero_grad()
        loss.backward()
        if torch.isfinite(nn.utils.clip_grad_norm_(parameters, 1.0)):
            optimiser.step()
        mean_loss += (loss.item() - mean_loss) / min(step + 1, 100)
        if step % 250 == 249 or step == last - 1:
            share = 500 if step < last - 1 else len(dev[1])
            whole, right = judge(vision, heads, dev[0][:share], dev[1][:share])
            by_head = " ".join(f"{h} {100 * r:.2f}" for h, r in zip(HEADS, right))
            print(
                f"{time.time() - begun:5.0f} s step {step + 1} loss {mean_loss:.4f} "
                f"whole pictures {100 * whole:.1f} % {by_head}",
                flush=True,
            )
            torch.save({"vision": vision.state_dict(), "heads": heads.state_dict()}, data.WORK / "vision.pt")


if __name__ == "__main__":
    main()

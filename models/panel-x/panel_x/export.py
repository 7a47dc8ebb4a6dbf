"""Exports the graphs (ONNX, opset 17) and writes the model folder's JSON files."""

import argparse
import pathlib

import torch
from torch import nn

from training import export as panel
from training import model as m
from training import quantise

from . import layout
from . import model as x

FOLDER = pathlib.Path(__file__).resolve().parent.parent
KINDS = ("key", "value")


class Encode(nn.Module):
    """pixel_values [B, 3, 96, 96] to keys and values [B, KV_HEADS, 36, HEAD_SIZE] of cross layers."""

    def __init__(self, vision, projector, decoder):
        super().__init__()
        self.vision, self.projector, self.decoder = vision, projector, decoder

    def forward(self, pixel_values):
        states = self.decoder.states(self.projector(self.vision(pixel_values)))
        return tuple(tensor for pair in states for tensor in pair)


class Decode(nn.Module):
    """The decoder with its cache, and what its cross layers see, as plain inputs and outputs."""

    def __init__(self, decoder):
        super().__init__()
        self.decoder = decoder
        self.output = nn.Parameter(decoder.embed.weight.detach().T.contiguous().clone())

    def forward(self, inputs_embeds, attention_mask, position_ids, cross_attention_mask, *given):
        def pairs(tensors):
            return [tensors[index : index + 2] for index in range(0, len(tensors), 2)]

        past, states = pairs(given[: 2 * m.LAYERS]), pairs(given[2 * m.LAYERS :])
        bias = m.attention_bias(attention_mask, given[0].shape[2], inputs_embeds.shape[1])
        cross = x.cross_bias(cross_attention_mask)
        hidden, present = self.decoder.hidden(
            inputs_embeds, position_ids, bias, states, *cross, past=past
        )
        # The same scaling as Decoder.logits, folded into the hidden states.
        logits = (hidden * (m.HIDDEN**-0.5 * 2)) @ self.output
        return (logits, *(tensor for pair in present for tensor in pair))


def names(prefix, layers):
    """Names of a key and a value for each layer."""
    return [f"{prefix}.{layer}.{kind}" for layer in layers for kind in KINDS]


def graphs(folder, vision, projector, decoder):
    """Exports the three graphs with all axes dynamic, then the int8 variants."""
    folder.mkdir(exist_ok=True)
    batch_new = {0: "batch_size", 1: "sequence_length"}
    cross = names("cross_key_values", x.CROSS_LAYERS)
    panel._export(
        Encode(vision, projector, decoder),
        (torch.zeros(2, 3, 96, 96),),
        folder / "vision_encoder.onnx",
        {name: {0: "batch_size"} for name in ("pixel_values", *cross)},
        ["pixel_values"],
        cross,
    )
    panel._export(
        decoder.embed,
        (torch.zeros(2, 3, dtype=torch.int64),),
        folder / "embed_tokens.onnx",
        {"input_ids": batch_new, "inputs_embeds": batch_new},
        ["input_ids"],
        ["inputs_embeds"],
    )
    past = names("past_key_values", x.SELF_LAYERS)
    present = names("present", x.SELF_LAYERS)
    axes = {
        "inputs_embeds": batch_new,
        "attention_mask": {0: "batch_size", 1: "total_sequence_length"},
        "position_ids": batch_new,
        "cross_attention_mask": {**batch_new, 2: "cross_sequence_length"},
        "logits": batch_new,
        **{name: {0: "batch_size", 2: "past_sequence_length"} for name in past},
        **{name: {0: "batch_size", 2: "cross_sequence_length"} for name in cross},
        **{name: {0: "batch_size", 2: "total_sequence_length"} for name in present},
    }
    given = (
        torch.zeros(2, 3, m.HIDDEN),
        torch.ones(2, 8, dtype=torch.int64),
        torch.arange(5, 8).repeat(2, 1),
        torch.ones(2, 3, 7, dtype=torch.int64),
        *(torch.zeros(2, m.KV_HEADS, 5, m.HEAD_SIZE) for _ in past),
        *(torch.zeros(2, m.KV_HEADS, 7, m.HEAD_SIZE) for _ in cross),
    )
    inputs = ["inputs_embeds", "attention_mask", "position_ids", "cross_attention_mask"]
    panel._export(
        Decode(decoder),
        given,
        folder / "decoder_model_merged.onnx",
        axes,
        [*inputs, *past, *cross],
        ["logits", *present],
    )
    for name in ("vision_encoder", "decoder_model_merged"):
        quantise.matmuls(folder / f"{name}.onnx", folder / f"{name}_int8.onnx")
    quantise.embeddings(folder / "embed_tokens.onnx", folder / "embed_tokens_int8.onnx")


def load(vision_at, weights_at):
    """(vision, projector, decoder) with their trained weights."""
    vision, projector, decoder = m.Vision(), m.Projector(), x.Decoder(x.ENTRIES)
    vision.load_state_dict(torch.load(vision_at)["vision"])
    kept = torch.load(weights_at)
    projector.load_state_dict(kept["projector"])
    decoder.load_state_dict(kept["decoder"])
    return vision, projector, decoder


def keep(weights_at):
    """Keeps the state of training in half precision, to go on from."""
    kept = torch.load(weights_at)
    half = {name: {key: value.half() for key, value in part.items()} for name, part in kept.items()}
    (FOLDER / "checkpoint").mkdir(exist_ok=True)
    torch.save(half, FOLDER / "checkpoint" / "decoder_x.fp16.pt")


def main():
    """Exports trained weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vision", type=pathlib.Path, default=panel.FOLDER / "build" / "vision.pt")
    parser.add_argument("--weights", type=pathlib.Path, default=FOLDER / "build" / "decoder_x.pt")
    given = parser.parse_args()
    parts = load(given.vision, given.weights)
    layout.write(FOLDER)
    with torch.no_grad():
        graphs(FOLDER / "onnx", *parts)
    keep(given.weights)
    for path in sorted((FOLDER / "onnx").iterdir()):
        print(f"{path.name} {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""Writes the model folder: configuration, tokenizer, three ONNX graphs and their int8 variants.

Usage: export.py [--weights] (without: random ones, to fix names and shapes).
"""

import argparse
import pathlib

import torch
from torch import nn

from . import layout, quantise
from . import model as m
from . import tokenizer as t

FOLDER = pathlib.Path(__file__).resolve().parent.parent
OPSET = 17


class Encode(nn.Module):
    """pixel_values [B, 3, 96, 96] to image_features [B, 36, H]."""

    def __init__(self, vision, projector):
        super().__init__()
        self.vision, self.projector = vision, projector

    def forward(self, pixel_values):
        return self.projector(self.vision(pixel_values))


class Decode(nn.Module):
    """The decoder with its cache as plain inputs and outputs."""

    def __init__(self, decoder):
        super().__init__()
        self.decoder = decoder
        self.output = nn.Parameter(decoder.embed.weight.detach().T.contiguous().clone())

    def forward(self, inputs_embeds, attention_mask, position_ids, *past):
        pairs = [past[2 * index : 2 * index + 2] for index in range(m.LAYERS)]
        bias = m.attention_bias(attention_mask, past[0].shape[2], inputs_embeds.shape[1])
        hidden, present = self.decoder.hidden(inputs_embeds, position_ids, bias, pairs)
        # The same scaling as Decoder.logits, folded into the hidden states.
        logits = (hidden * (m.HIDDEN**-0.5 * 2)) @ self.output
        return (logits, *(tensor for pair in present for tensor in pair))


def graphs(folder, vision, projector, decoder):
    """Exports the three graphs with all axes dynamic, then the int8 variants."""
    folder.mkdir(exist_ok=True)
    batch_new = {0: "batch_size", 1: "sequence_length"}
    _export(
        Encode(vision, projector),
        (torch.zeros(2, 3, 96, 96),),
        folder / "vision_encoder.onnx",
        {"pixel_values": {0: "batch_size"}, "image_features": {0: "batch_size"}},
        ["pixel_values"],
        ["image_features"],
    )
    _export(
        decoder.embed,
        (torch.zeros(2, 3, dtype=torch.int64),),
        folder / "embed_tokens.onnx",
        {"input_ids": batch_new, "inputs_embeds": batch_new},
        ["input_ids"],
        ["inputs_embeds"],
    )
    past = [f"past_key_values.{i}.{kind}" for i in range(m.LAYERS) for kind in ("key", "value")]
    present = [name.replace("past_key_values", "present") for name in past]
    axes = {
        "inputs_embeds": batch_new,
        "attention_mask": {0: "batch_size", 1: "total_sequence_length"},
        "position_ids": batch_new,
        "logits": batch_new,
        **{name: {0: "batch_size", 2: "past_sequence_length"} for name in past},
        **{name: {0: "batch_size", 2: "total_sequence_length"} for name in present},
    }
    given = (
        torch.zeros(2, 3, m.HIDDEN),
        torch.ones(2, 8, dtype=torch.int64),
        torch.arange(5, 8).repeat(2, 1),
        *(torch.zeros(2, m.KV_HEADS, 5, m.HEAD_SIZE) for _ in past),
    )
    _export(
        Decode(decoder),
        given,
        folder / "decoder_model_merged.onnx",
        axes,
        ["inputs_embeds", "attention_mask", "position_ids", *past],
        ["logits", *present],
    )
    for name in ("vision_encoder", "decoder_model_merged"):
        quantise.matmuls(folder / f"{name}.onnx", folder / f"{name}_int8.onnx")
    quantise.embeddings(folder / "embed_tokens.onnx", folder / "embed_tokens_int8.onnx")


def _export(module, given, path, axes, inputs, outputs):
    torch.onnx.export(
        module.eval(),
        given,
        str(path),
        input_names=inputs,
        output_names=outputs,
        dynamic_axes=axes,
        opset_version=OPSET,
        do_constant_folding=True,
    )


def main():
    """Exports trained weights, or random ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", action="store_true", help="the ones in build/")
    given = parser.parse_args()
    torch.manual_seed(1)
    vision, projector, decoder = m.Vision(), m.Projector(), m.Decoder(t.VOCABULARY_SIZE)
    if given.weights:
        build = FOLDER / "build"
        vision.load_state_dict(torch.load(build / "vision.pt")["vision"])
        answers = torch.load(build / "decoder.pt")
        projector.load_state_dict(answers["projector"])
        decoder.load_state_dict(answers["decoder"])
    else:
        layout.write(FOLDER)
    with torch.no_grad():
        graphs(FOLDER / "onnx", vision, projector, decoder)
    for path in sorted((FOLDER / "onnx").iterdir()):
        print(f"{path.name} {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()

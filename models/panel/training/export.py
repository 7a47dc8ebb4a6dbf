#!/usr/bin/python3
"""Writes the model folder: configuration, tokenizer, six ONNX graphs and their int8 variants.

Usage: export.py [--weights] (without: random ones, to fix names and shapes).
"""

import argparse
import pathlib

import torch
from torch import nn

from . import contrib, layout, quantise
from . import model as m
from . import tokenizer as t

FOLDER = pathlib.Path(__file__).resolve().parent.parent
OPSET = 17


class Encode(nn.Module):
    """An encoder and its projector: what media look like to what the decoder reads."""

    def __init__(self, encoder, projector):
        super().__init__()
        self.encoder, self.projector = encoder, projector

    def forward(self, media):
        return self.projector(self.encoder(media))


# Modality: (name of the graph, its input, shape of one, its output).
ENCODERS = {
    "image": ("vision_encoder", "pixel_values", (3, 96, 96), "image_features"),
    "audio": ("audio_encoder", "audio_values", (m.BANDS, 200), "audio_features"),
    "video": ("video_encoder", "pixel_values_videos", (m.FRAMES, 3, 96, 96), "video_features"),
}


class Parts(nn.Module):
    """All that the model consists of: an encoder and a projector a modality, and the decoder."""

    def __init__(self):
        super().__init__()
        self.encoders = nn.ModuleDict({"image": m.Vision(), "audio": m.Audio(), "video": m.Video()})
        self.projectors = nn.ModuleDict(
            {"image": m.Projector(), "audio": m.SoundProjector(), "video": m.ClipProjector()}
        )
        self.decoder = m.Decoder(t.VOCABULARY_SIZE)

    def load(self, build):
        """Takes over the trained state in build/."""
        self.encoders["image"].load_state_dict(torch.load(build / "vision.pt")["vision"])
        self.encoders["audio"].load_state_dict(torch.load(build / "audio.pt")["encoder"])
        self.encoders["video"].load_state_dict(torch.load(build / "video.pt")["encoder"])
        answers = torch.load(build / "decoder.pt")
        for modality, name in PROJECTORS.items():
            self.projectors[modality].load_state_dict(answers[name])
        self.decoder.load_state_dict(answers["decoder"])


PROJECTORS = {"image": "projector", "audio": "audio_projector", "video": "video_projector"}


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


def graphs(folder, parts):
    """Exports the graphs with all axes dynamic, then the int8 variants."""
    folder.mkdir(exist_ok=True)
    for modality, (name, given, shape, made) in ENCODERS.items():
        _export(
            Encode(parts.encoders[modality], parts.projectors[modality]),
            (torch.zeros(2, *shape),),
            folder / f"{name}.onnx",
            {given: {0: "batch_size"}, made: {0: "batch_size"}},
            [given],
            [made],
        )
    _decoder_graphs(folder, parts.decoder)
    # Beside the decoder that other runtimes know, one that does not copy its cache.
    contrib.decoder(
        folder / "decoder_model_merged.onnx",
        folder / "decoder_delta.onnx",
        theta=m.ROPE_THETA,
        context=m.CONTEXT,
        epsilon=m.NORM_EPSILON,
    )
    decoders = ("decoder_model_merged", "decoder_delta")
    for name in (*(name for name, *_ in ENCODERS.values()), *decoders):
        quantise.matmuls(folder / f"{name}.onnx", folder / f"{name}_int8.onnx")
    quantise.embeddings(folder / "embed_tokens.onnx", folder / "embed_tokens_int8.onnx")


def _decoder_graphs(folder, decoder):
    """The embeddings, and the decoder that goes on from a cache."""
    batch_new = {0: "batch_size", 1: "sequence_length"}
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
    parts = Parts()
    layout.write(FOLDER)
    if given.weights:
        parts.load(FOLDER / "build")
    with torch.no_grad():
        graphs(FOLDER / "onnx", parts)
    for path in sorted((FOLDER / "onnx").iterdir()):
        print(f"{path.name} {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()

"""The model folder's JSON files: panel's, as a model of the mllama kind."""

import json

from training import layout
from training import model as m

from . import model as x

_KEPT = (
    "bos_token_id", "eos_token_id", "pad_token_id", "image_token_index", "image_token_id",
    "image_seq_length", "max_position_embeddings", "tie_word_embeddings", "torch_dtype",
)  # fmt: skip


def documents():
    """{file name: object} of every JSON file but tokenizer.json."""
    found = {**layout.documents()}
    panel = found["config.json"]
    text, vision = panel["text_config"], panel["vision_config"]
    found["config.json"] = {
        "architectures": ["MllamaForConditionalGeneration"],
        "model_type": "mllama",
        **{key: panel[key] for key in _KEPT},
        "vocab_size": x.ENTRIES,
        "text_config": {
            **text,
            "architectures": ["MllamaForCausalLM"],
            "model_type": "mllama_text_model",
            "num_hidden_layers": x.LAYERS,
            "cross_attention_layers": list(x.CROSS_LAYERS),
            "cross_intermediate_size": x.FEED_FORWARD,
            "vocab_size": x.ENTRIES,
        },
        "vision_config": {**vision, "model_type": "mllama_vision_model", "max_num_tiles": 1},
    }
    images = ("preprocessor_config.json", "processor_config.json", "tokenizer_config.json")
    for name in images:
        found[name] = {**found[name], "processor_class": "MllamaProcessor"}
    found["processor_config.json"] = {"processor_class": "MllamaProcessor", "image_token": "<image>"}
    found["preprocessor_config.json"] = {
        key: value for key, value in found["preprocessor_config.json"].items() if key in _IMAGE_KEYS
    }
    return found


_IMAGE_KEYS = {
    "image_processor_type", "processor_class", "do_convert_rgb", "do_resize", "size", "resample",
    "do_center_crop", "crop_size", "do_rescale", "rescale_factor", "do_normalize", "image_mean",
    "image_std",
}  # fmt: skip


def write(folder):
    """Writes the JSON files into the model folder, but for the tokenizer, which goes with the weights."""
    for name, document in documents().items():
        (folder / name).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")

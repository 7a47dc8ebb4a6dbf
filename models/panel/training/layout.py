"""The model folder's JSON files, in the layout of transformers.js exports."""

import json

from . import mel
from . import model as m
from . import tokenizer as t

CHAT_TEMPLATE = (
    "{{ bos_token }}"
    "{% for message in messages %}"
    "{% if message['role'] == 'user' or message['role'] == 'assistant' %}"
    "{{ '<' + message['role'] + '>' }}"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'image' or part['type'] == 'image_url' %}{{ '<image>' }}"
    "{% elif part['type'] == 'audio' or part['type'] == 'input_audio' %}{{ '<audio>' }}"
    "{% elif part['type'] == 'video' or part['type'] == 'video_url' %}{{ '<video>' }}{% endif %}"
    "{% endfor %}"
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'text' %}{{ part['text'] }}{% endif %}"
    "{% endfor %}"
    "{% endif %}"
    "{{ '<end>' }}"
    "{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<assistant>' }}{% endif %}"
)


def documents():
    """{file name: object} of every JSON file but tokenizer.json."""
    shared = {
        "hidden_size": m.HIDDEN,
        "num_attention_heads": m.HEADS,
    }
    tokens = {"bos_token_id": t.BOS, "eos_token_id": t.END, "pad_token_id": t.PAD}
    size = {"height": 96, "width": 96}
    images = {
        "image_processor_type": "CLIPImageProcessor",
        "do_convert_rgb": True,
        "do_resize": True,
        "size": size,
        "resample": 1,
        "do_center_crop": False,
        "crop_size": size,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }
    sounds = {
        "feature_extractor_type": "WhisperFeatureExtractor",
        "feature_size": mel.BANDS,
        "sampling_rate": mel.RATE,
        "n_fft": mel.FRAME,
        "hop_length": mel.HOP,
        "chunk_length": mel.SAMPLES // mel.RATE,
        "n_samples": mel.SAMPLES,
        "nb_max_frames": mel.FRAMES,
    }
    return {
        "config.json": {
            "architectures": ["LlavaForConditionalGeneration"],
            "model_type": "llava",
            **tokens,
            "image_token_index": t.IMAGE,
            "image_token_id": t.IMAGE,
            "audio_token_index": t.AUDIO,
            "video_token_index": t.VIDEO,
            "image_seq_length": m.PICTURE_TOKENS,
            "vocab_size": t.VOCABULARY_SIZE,
            "max_position_embeddings": m.CONTEXT,
            "tie_word_embeddings": True,
            "projector_hidden_act": "gelu",
            "vision_feature_layer": -1,
            "vision_feature_select_strategy": "full",
            "torch_dtype": "float32",
            "text_config": {
                "architectures": ["LlamaForCausalLM"],
                "model_type": "llama",
                **shared,
                "num_hidden_layers": m.LAYERS,
                "num_key_value_heads": m.KV_HEADS,
                "head_dim": m.HEAD_SIZE,
                "intermediate_size": m.FEED_FORWARD,
                "hidden_act": "silu",
                "rms_norm_eps": m.NORM_EPSILON,
                "rope_theta": m.ROPE_THETA,
                "vocab_size": t.VOCABULARY_SIZE,
                "max_position_embeddings": m.CONTEXT,
                **tokens,
            },
            "vision_config": {
                "model_type": "clip_vision_model",
                **shared,
                "num_hidden_layers": 2,
                "image_size": 96,
                "patch_size": 96 // m.CELLS,
                "num_channels": 3,
            },
            "audio_config": {
                "model_type": "panel_audio",
                "seq_length": m.SOUND_TOKENS,
                "windows_max": 1,
            },
            "video_config": {
                "model_type": "panel_video",
                "num_frames": m.FRAMES,
                "seq_length": m.CLIP_TOKENS,
            },
        },
        "generation_config.json": {**tokens, "do_sample": False, "max_new_tokens": 64},
        "preprocessor_config.json": {**images, **sounds, "processor_class": "LlavaProcessor"},
        "processor_config.json": {
            "processor_class": "LlavaProcessor",
            "image_token": "<image>",
            "num_additional_image_tokens": 0,
            "patch_size": 96 // m.CELLS,
            "vision_feature_select_strategy": "full",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "processor_class": "LlavaProcessor",
            "bos_token": "<bos>",
            "eos_token": "<end>",
            "pad_token": "<pad>",
            "unk_token": None,
            "add_bos_token": False,
            "clean_up_tokenization_spaces": False,
            "model_max_length": m.CONTEXT,
            "chat_template": CHAT_TEMPLATE,
        },
    }


def write(folder):
    """Writes the JSON files into the model folder; a tokenizer that is there stays as it is.

    Token ids are part of what weights mean, and the order of merges follows the generator's texts.
    """
    for name, document in documents().items():
        (folder / name).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    if not (folder / "tokenizer.json").exists():
        tokenizer = json.dumps(t.build(), indent=1, ensure_ascii=False)
        (folder / "tokenizer.json").write_text(tokenizer + "\n", encoding="utf-8")

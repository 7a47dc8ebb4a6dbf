"""What a media token should look like to the decoder: the words for what it shows or sounds like."""

import torch
from torch import nn

from generator import heat
from generator.clips import clip as clips
from generator.scene import HEADS
from generator.sounds import sound as sounds
from generator.words import HEAT_WORDS

_FLAGS = {"most": ("highest", "hottest"), "least": ("lowest", "coolest")}
_KINDS = {
    "shapes": "shapes", "gauge": "gauge", "bars": "chart", "lights": "lights",
    "display": "display", "rack": "rack", "heat": "map",
}  # fmt: skip

_SOUNDS = {
    "tones": ("tones",), "beeps": ("beeps",), "alarm": ("alarm",), "fan": ("fan",),
    "quiet": ("quiet", "nothing"), "two-tone": ("two",),
}  # fmt: skip
_CLIPS = {"motion": ("shapes",), "gauges": ("gauges",), "blink": ("lights",)}
_ENDS = {"from": ("first",), "to": ("last", "moved")}
_CHANGES = {"blink": ("blink",), "on": ("went", "on"), "off": ("went", "off")}


def sound_words(head, value):
    """The words that what a sound's position says is spoken with."""
    if head in sounds.NOT_SPOKEN:
        return ()
    return _SOUNDS.get(value, (str(value),))


def clip_words(head, value):
    """The words that what a clip's cell says is spoken with."""
    by_head = {"kind": _CLIPS, "end": _ENDS, "change": _CHANGES}
    return by_head[head][value] if head in by_head else tuple(str(value).split())


def words(head, value):
    """The words that a picture's head's value is spoken with."""
    if head == "flag":
        return _FLAGS[value]
    if head == "kind":
        return (_KINDS[value],)
    if head == "level":
        return (HEAT_WORDS[value * len(HEAT_WORDS) // heat.LEVELS],)
    return ("digits",) if value == "digit" else (str(value),)


class Lexicon(nn.Module):
    """Labels [B, tokens, heads] to sums of word embeddings [B, tokens, H]; nothing said is zero."""

    def __init__(self, tokenizer, entries, heads=HEADS, words_of=words):
        super().__init__()
        rows, self.offsets = [], []
        for head, values in heads.items():
            self.offsets.append(len(rows))
            rows.append(torch.zeros(entries))
            for value in values:
                row = torch.zeros(entries)
                forms = {form for w in words_of(head, value) for form in (w, " " + w)}
                known = [tokenizer.encode(form) for form in sorted(forms)]
                known = [tokens[0] for tokens in known if len(tokens) == 1]
                assert known or not forms, f"no single token says {value}"
                row[known] = max(1, len(known)) ** -0.5
                rows.append(row)
        self.register_buffer("shares", torch.stack(rows))

    def forward(self, labels, embeddings):
        """`embeddings` is the decoder's table [V, H]."""
        table = self.shares @ embeddings
        return sum(table[labels[..., head] + offset] for head, offset in enumerate(self.offsets))


def lexicons(tokenizer, entries):
    """{modality: Lexicon}."""
    return nn.ModuleDict(
        {
            "image": Lexicon(tokenizer, entries),
            "audio": Lexicon(tokenizer, entries, sounds.HEADS, sound_words),
            "video": Lexicon(tokenizer, entries, clips.HEADS, clip_words),
        }
    )

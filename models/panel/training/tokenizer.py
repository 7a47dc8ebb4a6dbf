"""Byte-level BPE in the form of Hugging Face's tokenizer.json, trained here.

The words that name what a picture shows come first, so that each is one token, bare and after a
space; frequent pairs of the generator's own questions and answers follow. Every digit is a token
of its own. What names sounds and clips, and frequent pairs of their questions, were appended to a
tokenizer whose ids had a meaning already: nothing that it knew is split in another way since.
"""

import collections
import json
import pathlib
import re

from generator import lights, rack
from generator.clips import clip as clips
from generator.scene import make, questions
from generator.sounds import sound as sounds
from generator.text import every
from generator.words import COLOURS, HEAT_WORDS, PLURALS, SHAPES

_PICTURES_SIZE = 640  # Entries that the pictures' part has.
VOCABULARY_SIZE = 768
SPECIAL = (
    "<pad>", "<bos>", "<end>", "<image>", "<audio>", "<video>", "<user>", "<assistant>",
    *(f"<reserved_{index}>" for index in range(8)),
)  # fmt: skip
PAD, BOS, END, IMAGE, AUDIO, VIDEO, USER, ASSISTANT = range(8)
_NAMING = (
    "top", "left", "right", "center", "bottom", *COLOURS, *SHAPES, *PLURALS.values(), "nothing",
    "yes", "no", "none", *lights.COLOURS, "off", *rack.STATES, *HEAT_WORDS,
)  # fmt: skip
# The forms that answers about sounds and clips and their labels need.
_APPENDED = (
    *(form for word in (
        "tone", "tones", "beeps", "alarm", "siren", "pulsed", "steady", "two", "fan", "rising",
        "falling", "low", "middle", "high", "up", "down", "rose", "fell", "stayed",
    ) for form in (word, " " + word)),
    " beep", " quiet", " first", " second", " third", " fourth", " last", " moved", " from", " to",
    " blink", " went", " began", " gauge", " gauges", "gauges", "lights",
)  # fmt: skip
_PIECES = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?\d+| ?[^\s\w]+| ?_+|\s+(?!\S)|\s+")
_DIGITS = re.compile(r"\d|\D+")


def _byte_letters():
    """The printable letter that stands for each byte (the table that GPT-2 introduced)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {byte: chr(byte) for byte in plain}
    for byte in range(256):
        letters.setdefault(byte, chr(256 + len(letters) - len(plain)))
    return letters


LETTERS = _byte_letters()


def pieces(text):
    """Splits text as the tokenizer does before BPE: digits one by one, then words."""
    for part in _DIGITS.findall(text):
        for piece in _PIECES.findall(part):
            yield "".join(LETTERS[byte] for byte in piece.encode())


def _merge(symbols, pair):
    merged, index = [], 0
    while index < len(symbols):
        if tuple(symbols[index : index + 2]) == pair:
            merged.append(symbols[index] + symbols[index + 1])
            index += 2
        else:
            merged.append(symbols[index])
            index += 1
    return merged


def _apply(symbols, merges):
    for pair in merges:
        symbols = _merge(symbols, pair)
    return symbols


def build():
    """The tokenizer.json object: the pictures' part, then what was appended for sounds and clips."""
    return _document(_append(_picture_merges()))


def _picture_merges(scenes=3000):
    """Merges from the questions and answers of the first training seeds."""
    merges = []
    for word in dict.fromkeys(_NAMING):
        for form in (word, LETTERS[32] + word):
            symbols = _apply(list(form), merges)
            while len(symbols) > 1:
                merges.append((symbols[0], symbols[1]))
                symbols = _merge(symbols, merges[-1])
    counts = collections.Counter()
    for seed in range(scenes):
        for _, question, answer in questions(make(seed)) + every()[:3]:
            counts.update([*pieces(question), *pieces(answer)])
    for _, question, answer in every() * 20:
        counts.update([*pieces(question), *pieces(answer)])
    return _fill(merges, counts, _PICTURES_SIZE, set())


def _append(merges, seeds=3000):
    """More merges, of which none splits a piece of a question about pictures in another way."""
    merges, known = list(merges), set()
    for seed in range(2 * seeds):
        for _, question, answer in questions(make(seed)) + (every() if seed == 0 else []):
            known.update([*pieces(question), *pieces(answer)])
    split = [symbols for symbols in (_apply(list(word), merges) for word in known) if len(symbols) > 1]
    kept = {pair for symbols in split for pair in zip(symbols, symbols[1:])}
    for form in _APPENDED:
        symbols = _apply(list(form.replace(" ", LETTERS[32])), merges)
        while len(symbols) > 1:
            pairs = [pair for pair in zip(symbols, symbols[1:]) if pair not in kept]
            if not pairs:
                break
            merges.append(pairs[0])
            symbols = _merge(symbols, pairs[0])
    counts = collections.Counter()
    for seed in range(seeds):
        for source in (sounds, clips):
            for _, question, answer in source.questions(source.make(seed)):
                counts.update([*pieces(question), *pieces(answer)])
    return _fill(merges, counts, VOCABULARY_SIZE, kept)


def _fill(merges, counts, size, kept):
    """Merges of the most frequent pairs until there are `size` entries; `kept` stay apart."""
    words = {word: _apply(list(word), merges) for word in counts}
    while len(SPECIAL) + 256 + len(merges) < size:
        pairs = collections.Counter()
        for word, symbols in words.items():
            for pair in zip(symbols, symbols[1:]):
                if pair not in kept:
                    pairs[pair] += counts[word]
        pair = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(pair)
        words = {word: _merge(symbols, pair) for word, symbols in words.items()}
    return merges


def _document(merges):
    entries = [*SPECIAL, *(LETTERS[byte] for byte in range(256)), *(a + b for a, b in merges)]
    vocabulary = {entry: index for index, entry in enumerate(entries)}
    assert len(vocabulary) == VOCABULARY_SIZE, "two merges made the same token"
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": index, "content": token, "single_word": False, "lstrip": False,
                "rstrip": False, "normalized": False, "special": True,
            }
            for index, token in enumerate(SPECIAL)
        ],
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Digits", "individual_digits": True},
                {**byte_level, "use_regex": True},
            ],
        },
        "post_processor": None,
        "decoder": {**byte_level, "use_regex": True},
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
            "vocab": vocabulary, "merges": [f"{a} {b}" for a, b in merges],
        },
    }  # fmt: skip


class Tokenizer:
    """Encodes and decodes plain text with a tokenizer.json file; special tokens by id only."""

    def __init__(self, path):
        model = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))["model"]
        self.vocabulary = model["vocab"]
        self.entries = {index: entry for entry, index in self.vocabulary.items()}
        self.ranks = {tuple(m.split(" ")): rank for rank, m in enumerate(model["merges"])}
        self.bytes = {letter: byte for byte, letter in LETTERS.items()}
        self.known = {}

    def encode(self, text):
        """Token ids of a text."""
        return [token for piece in pieces(text) for token in self._piece(piece)]

    def _piece(self, piece):
        if piece not in self.known:
            symbols = list(piece)
            while len(symbols) > 1:
                pair = min(zip(symbols, symbols[1:]), key=lambda p: self.ranks.get(p, 1 << 30))
                if pair not in self.ranks:
                    break
                symbols = _merge(symbols, pair)
            self.known[piece] = [self.vocabulary[symbol] for symbol in symbols]
        return self.known[piece]

    def decode(self, tokens):
        """Text of token ids; special tokens are left out."""
        letters = "".join(self.entries[token] for token in tokens if token >= len(SPECIAL))
        return bytes(self.bytes[letter] for letter in letters).decode(errors="replace")

"""Writes and reads WAV files: 16-bit mono at 16 kHz."""

import struct

import numpy as np

from .sounds.synthesis import RATE


def encode(samples):
    """WAV bytes of float samples from -1 to 1."""
    body = np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    layout = struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16)
    chunks = b"fmt " + struct.pack("<I", 16) + layout + b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def decode(content):
    """Float samples of a file that encode() wrote."""
    assert content[:4] == b"RIFF" and content[36:40] == b"data", "expected a plain WAV file"
    return np.frombuffer(content[44:], "<i2").astype(np.float32) / 32767

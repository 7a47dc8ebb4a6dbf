"""Writes PNG files (8-bit RGB, no filter) with zlib alone."""

import struct
import zlib


def encode(image):
    """PNG bytes of a uint8 array [height, width, 3]."""
    height, width, channels = image.shape
    assert channels == 3 and image.dtype.name == "uint8", "expected 8-bit RGB"
    rows = b"".join(b"\0" + image[row].tobytes() for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


def _chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

"""Log-mel windows of sounds, as Whisper's feature extractor makes them, in NumPy.

A window is 2 s at 16 kHz, padded with zeros: frames of 400 samples every 160 under a periodic Hann
window, power, 80 mel bands on Slaney's scale with his normalisation, log10, floored at 8 below the
loudest, (x + 4) / 4.
"""

import numpy as np

RATE, SAMPLES = 16_000, 32_000
FRAME, HOP, BANDS = 400, 160, 80
FRAMES = SAMPLES // HOP


def _slaney(hertz):
    """Hertz to mel: linear below 1,000, logarithmic above."""
    hertz = np.asarray(hertz, np.float64)
    above = 15 + np.log(np.maximum(hertz, 1000) / 1000) * (27 / np.log(6.4))
    return np.where(hertz < 1000, hertz * 3 / 200, above)


def _hertz(mel):
    above = 1000 * np.exp((mel - 15) * (np.log(6.4) / 27))
    return np.where(mel < 15, mel * 200 / 3, above)


def _filters():
    """Triangles [201, 80], each of area 2 / width."""
    edges = _hertz(np.linspace(_slaney(0), _slaney(RATE / 2), BANDS + 2))
    bins = np.linspace(0, RATE / 2, FRAME // 2 + 1)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    triangles = np.maximum(0, np.minimum(rising, falling))
    return (triangles * (2 / (edges[2:] - edges[:-2]))).astype(np.float32)


_FILTERS = _filters()
_WINDOW = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME)).astype(np.float32)
_AT = np.arange(FRAME)[None] + HOP * np.arange(FRAMES)[:, None]


def window(samples):
    """Log-mel [80, 200] of up to 2 s of float samples."""
    signal = np.zeros(SAMPLES, np.float32)
    count = min(len(samples), SAMPLES)
    signal[:count] = samples[:count]
    padded = np.pad(signal, FRAME // 2, mode="reflect")
    spectrum = np.fft.rfft(padded[_AT] * _WINDOW, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32) @ _FILTERS
    log = np.log10(np.maximum(power, 1e-10)).T
    return ((np.maximum(log, log.max() - 8) + 4) / 4).astype(np.float32)

"""Anti-aliased drawing by signed distances, at any resolution.

Coordinates and lengths are in units (a picture is 96 units wide); a distance is negative inside.
"""

import numpy as np

from .words import UNITS


class Canvas:
    """A square RGB picture of `size` pixels; `pixels` is float32 [size, size, 3], 0 to 255."""

    def __init__(self, size, top, bottom, camera=(0.0, 0.0, 1.0)):
        self.size = size
        shift_x, shift_y, zoom = camera
        self.scale = size / UNITS * zoom  # Pixels per unit.
        middle = UNITS / 2
        centres = (np.arange(size, dtype=np.float32) + 0.5) * (UNITS / size)
        self.xs = (centres - middle) / zoom + middle - shift_x
        self.ys = (centres - middle) / zoom + middle - shift_y
        ramp = np.linspace(0, 1, size, dtype=np.float32)[:, None, None]
        column = (1 - ramp) * np.float32(top) + ramp * np.float32(bottom)
        self.pixels = np.repeat(column, size, axis=1)

    def paint(self, bounds, distance, colour, opacity=1.0):
        """Blends `colour` where `distance(x, y)` is negative, inside bounds (x0, y0, x1, y1)."""
        x0, y0, x1, y1 = bounds
        left, right = np.searchsorted(self.xs, (x0 - 1.5, x1 + 1.5))
        upper, lower = np.searchsorted(self.ys, (y0 - 1.5, y1 + 1.5))
        if left >= right or upper >= lower:
            return
        field = distance(self.xs[None, left:right], self.ys[upper:lower, None])
        cover = np.clip(0.5 - field * self.scale, 0, 1)[..., None] * np.float32(opacity)
        patch = self.pixels[upper:lower, left:right]
        patch += cover * (np.float32(colour) - patch)

    def disc(self, x, y, radius, colour, opacity=1.0):
        """A filled circle."""
        bounds = (x - radius, y - radius, x + radius, y + radius)
        self.paint(bounds, lambda px, py: np.hypot(px - x, py - y) - radius, colour, opacity)

    def ring(self, x, y, radius, width, colour, opacity=1.0):
        """A circle's line of the given width, centred on `radius`."""
        outer = radius + width / 2
        bounds = (x - outer, y - outer, x + outer, y + outer)
        self.paint(
            bounds,
            lambda px, py: np.abs(np.hypot(px - x, py - y) - radius) - width / 2,
            colour,
            opacity,
        )

    def arc(self, x, y, radius, width, start, end, colour):
        """Part of a ring, from angle `start` to `end` (radians, clockwise from the right)."""
        outer = radius + width / 2
        middle, half = (start + end) / 2, (end - start) / 2

        def distance(px, py):
            angle = np.arctan2(py - y, px - x)
            off = np.abs((angle - middle + np.pi) % (2 * np.pi) - np.pi)
            away = np.hypot(px - x, py - y)
            return np.maximum(np.abs(away - radius) - width / 2, (off - half) * away)

        self.paint((x - outer, y - outer, x + outer, y + outer), distance, colour)

    def box(self, x0, y0, x1, y1, colour, round_by=0.0, opacity=1.0):
        """An upright rectangle with rounded corners."""
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        half_x, half_y = (x1 - x0) / 2 - round_by, (y1 - y0) / 2 - round_by

        def distance(px, py):
            dx, dy = np.abs(px - x) - half_x, np.abs(py - y) - half_y
            outside = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0))
            return outside + np.minimum(np.maximum(dx, dy), 0) - round_by

        self.paint((x0, y0, x1, y1), distance, colour, opacity)

    def line(self, x0, y0, x1, y1, width, colour, opacity=1.0):
        """A straight stroke with round ends."""
        dx, dy = x1 - x0, y1 - y0
        length2 = max(dx * dx + dy * dy, 1e-6)

        def distance(px, py):
            along = np.clip(((px - x0) * dx + (py - y0) * dy) / length2, 0, 1)
            return np.hypot(px - x0 - along * dx, py - y0 - along * dy) - width / 2

        pad = width / 2
        bounds = (min(x0, x1) - pad, min(y0, y1) - pad, max(x0, x1) + pad, max(y0, y1) + pad)
        self.paint(bounds, distance, colour, opacity)

    def polygon(self, points, colour, opacity=1.0):
        """A filled polygon; `points` is a sequence of (x, y) in order."""
        corners = np.float32(points)

        def distance(px, py):
            px, py = np.broadcast_arrays(px, py)
            nearest = np.full(px.shape, 1e9, np.float32)
            inside = np.zeros(px.shape, bool)
            for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0)):
                ex, ey, wx, wy = bx - ax, by - ay, px - ax, py - ay
                along = np.clip((wx * ex + wy * ey) / (ex * ex + ey * ey), 0, 1)
                nearest = np.minimum(nearest, (wx - ex * along) ** 2 + (wy - ey * along) ** 2)
                inside ^= ((ay > py) != (by > py)) & (wx < ex * wy / (ey if ey else 1e-9))
            return np.where(inside, -1, 1) * np.sqrt(nearest)

        low, high = corners.min(axis=0), corners.max(axis=0)
        self.paint((low[0], low[1], high[0], high[1]), distance, colour, opacity)

    def finish(self, blur, noise, seed):
        """The picture as uint8 [size, size, 3]: blurred (0 to 1), with grain (standard deviation)."""
        image = self.pixels
        if blur > 0:
            for axis in (0, 1):
                before, after = np.roll(image, 1, axis), np.roll(image, -1, axis)
                image = (1 - 0.5 * blur) * image + 0.25 * blur * (before + after)
        if noise > 0:
            generator = np.random.default_rng(seed)
            image = image + generator.standard_normal(image.shape, dtype=np.float32) * noise
        return np.clip(image + 0.5, 0, 255).astype(np.uint8)


def turned(points, x, y, radius, angle):
    """Points of a unit figure, scaled by `radius`, turned by `angle` (radians) and moved to (x, y)."""
    cos, sin = np.cos(angle) * radius, np.sin(angle) * radius
    return [(x + cos * a - sin * b, y + sin * a + cos * b) for a, b in points]

"""Two or three small gauges side by side, whose needles rise, fall or stay."""

import math

from ..words import PLACES, RGB, place_cell

NAME = "gauges"
TRENDS = ("rose", "fell", "stayed")
_START, _SWEEP = math.radians(135), math.radians(270)


def sample(rng):
    """Places in the middle row, from left to right; needles that move go a quarter or further."""
    places = sorted(rng.sample((3, 4, 5), rng.choice((2, 3, 3))))
    gauges = []
    for place in places:
        trend = rng.choice(TRENDS)
        change = rng.uniform(25, 80)
        low = rng.uniform(0, 100 - change)
        ends = {"rose": (low, low + change), "fell": (low + change, low)}
        still = rng.uniform(0, 100)
        gauges.append({"place": place, "trend": trend, "ends": ends.get(trend, (still, still))})
    return {
        "gauges": gauges,
        "y": rng.uniform(40, 56),
        "radius": rng.uniform(12, 14.5),
        "light_face": rng.random() < 0.6,
        "needle": rng.choice(((30, 30, 34), (200, 30, 30), (20, 50, 120))),
        "width": rng.uniform(1.8, 2.6),
        "pause": rng.uniform(0, 0.2),
    }


def draw(content, canvas, time):
    """Face, a red end of the scale, needle."""
    face = (236, 236, 230) if content["light_face"] else (34, 36, 42)
    needle = content["needle"] if content["light_face"] else (240, 240, 236)
    part = min(1.0, max(0.0, (time - content["pause"]) / (1 - 2 * content["pause"])))
    y, radius = content["y"], content["radius"]
    for gauge in content["gauges"]:
        x = 16 + 32 * (gauge["place"] - 3)
        start, end = gauge["ends"]
        canvas.disc(x, y, radius + 1.2, (90, 94, 100))
        canvas.disc(x, y, radius, face)
        canvas.arc(x, y, radius - 2, 2.2, _angle(0), _angle(80), RGB["green"])
        canvas.arc(x, y, radius - 2, 2.2, _angle(80), _angle(100), RGB["red"])
        angle = _angle(start + part * (end - start))
        reach = radius - 3
        canvas.line(
            x - 2 * math.cos(angle), y - 2 * math.sin(angle),
            x + reach * math.cos(angle), y + reach * math.sin(angle),
            content["width"], needle,
        )  # fmt: skip
        canvas.disc(x, y, 1.8, needle)


def _angle(value):
    return _START + _SWEEP * value / 100


def cells(content):
    """Each gauge speaks through the cell of its place."""
    gauges = content["gauges"]
    said = {place_cell(g["place"]): {"thing": "gauge", "trend": g["trend"]} for g in gauges}
    return said, {"number": len(gauges)}


def describe(content):
    """One sentence that goes from left to right."""
    parts = [f"{PLACES[gauge['place']]} {gauge['trend']}" for gauge in content["gauges"]]
    return f"{len(parts)} gauges: {', '.join(parts)}."


def questions(content, rng):
    """Pairs (family, values for the wording, answer) of one clip."""
    gauges = content["gauges"]
    trends = [gauge["trend"] for gauge in gauges]
    asked = [("gauges-count", {}, str(len(gauges)))]
    for trend in TRENDS:
        if trends.count(trend) == 1:
            place = PLACES[gauges[trends.index(trend)]["place"]]
            asked.append(("trend-which", {"trend": trend}, place))
        elif trends.count(trend) == 0 and rng.random() < 0.35:
            asked.append(("trend-which", {"trend": trend}, "none"))
    for gauge in rng.sample(gauges, 2):
        asked.append(("trend-at", {"place": PLACES[gauge["place"]]}, gauge["trend"]))
    gauge, trend = rng.choice(gauges), rng.choice((("rise", "rose"), ("fall", "fell")))
    values = {"place": PLACES[gauge["place"]], "verb": trend[0]}
    asked.append(("trend-did", values, "yes" if gauge["trend"] == trend[1] else "no"))
    trend = rng.choice(TRENDS)
    asked.append(("trend-count", {"trend": trend}, str(trends.count(trend))))
    return asked

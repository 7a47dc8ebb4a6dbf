#!/usr/bin/python3
"""Uses every call of the thermal service and knows nothing of this repository: thermal.py ADDRESS.

It learns the contract by reflection (as client.py does), reports telemetry, watches headroom, looks
at the room, supposes, declares and clears an emergency, plans, and asks for status and history. It
prints what it saw as one JSON object. Needs python3-grpcio and python3-protobuf.
"""

import json
import sys
import time

import client
import grpc

client.SERVICE = "isotherm.thermal.v1.ThermalService"
POINT_WAIT_S = 20


class Thermal(client.Router):
    """The service as reflection describes it, with its two kinds of streams."""

    def _stub(self, method, kind):
        described = self._methods[method]
        return kind(
            f"/{client.SERVICE}/{method}",
            request_serializer=lambda one: one.SerializeToString(),
            response_deserializer=self._factory.GetPrototype(described.output_type).FromString,
        )

    def ask(self, method, **fields):
        """One request, one answer."""
        stub = self._stub(method, self._channel.unary_unary)
        return stub(self.request(method, **fields), timeout=client.TIMEOUT_S)

    def report(self, messages):
        """Streams telemetry; gives what became of it."""
        stub = self._stub("ReportTelemetry", self._channel.stream_unary)
        requests = (self.request("ReportTelemetry", **one) for one in messages)
        return stub(requests, timeout=client.TIMEOUT_S)

    def watch(self, messages):
        """The first so many messages of headroom."""
        stub = self._stub("WatchHeadroom", self._channel.unary_stream)
        call = stub(self.request("WatchHeadroom", watcher="python"), timeout=client.TIMEOUT_S)
        heard = [next(call) for _ in range(messages)]
        call.cancel()
        return heard


def telemetry(thermal):
    """Two readings that can be true, and three that cannot."""
    server = {"kind": "server", "id": "r1-k1-s1"}
    gpu = {"kind": "gpu", "id": "r1-k1-s1/0"}
    answer = thermal.report(
        [
            {
                "source": "python",
                "readings": [
                    {"of": server, "quantity": "exhaust_c", "value": 31.5},
                    {"of": gpu, "quantity": "memory_utilisation", "value": 0.5},
                    {"of": gpu, "quantity": "power_w", "value": -20},
                ],
            },
            {
                "readings": [
                    {"of": gpu, "quantity": "core_c", "value": float("nan")},
                    {"of": {"kind": "gpu", "id": "r7-k1-s1/0"}, "quantity": "core_c", "value": 40},
                ]
            },
        ]
    )
    reasons = sorted(one.reason for one in answer.examples)
    return [answer.accepted, dict(answer.quarantined), reasons]


def headroom(thermal):
    """Of the one instance: where, shares in their bounds, and the horizons."""
    first = thermal.watch(2)[0]
    (one,) = first.instances
    shares = [one.power_share, one.core_share, one.memory_share]
    return {
        "whole": first.whole,
        "instance": one.instance_id,
        "place": one.place,
        "bounded": all(0 <= share <= 1 for share in shares),
        "horizons": [horizon.after_s for horizon in one.horizons],
        "kelvin": all(0 < horizon.core_k < 80 for horizon in one.horizons),
        "binding": one.binding.kind,
    }


def room(thermal):
    """Its size, and whether its figures are of a room."""
    seen = thermal.ask("GetRoom")
    gpus = [gpu for server in seen.servers for gpu in server.gpus]
    return {
        "name": seen.name,
        "kind": seen.kind,
        "servers": len(seen.servers),
        "gpus": len(gpus),
        "levels": sorted({one.level.kind for one in seen.levels}),
        "warm": all(15 < gpu.core_c < 95 for gpu in gpus),
        "drawing": all(gpu.power_w > 30 for gpu in gpus),
    }


def what_if(thermal):
    """A heat wave makes inlets warmer than they are."""
    before = max(server.inlet_c for server in thermal.ask("GetRoom").servers)
    asked = {"emergencies": [{"kind": "heat_wave", "by_k": 20}], "after_s": [600]}
    (later,) = thermal.ask("PredictWhatIf", **asked).rooms
    return max(server.inlet_c for server in later.servers) > before + 2


def emergency(thermal):
    """Declares, sees it in the status, clears it."""
    scope = {"kind": "row", "id": "r1"}
    asked = {"kind": "power", "scope": scope, "to_share": 0.75}
    declared = thermal.ask("DeclareEmergency", emergency=asked).emergency
    on = [one.id for one in thermal.ask("GetStatus").emergencies]
    cleared = [one.id for one in thermal.ask("ClearEmergency", id=declared.id).cleared]
    return [on == [declared.id], cleared == [declared.id], declared.since_ms > 0]


def plan(thermal):
    """A place for eight GPUs, and what would be reconfigured now: nothing."""
    placed = thermal.ask("Plan", place={"stage": "prefill", "model": "panel", "gpus": 8})
    changed = thermal.ask("Plan", reconfigure={"instance_ids": ["decode-1"]})
    return [list(placed.places), len(placed.notes) > 0, [one.kind for one in changed.actions]]


def status(thermal):
    """Sources and levers."""
    seen = thermal.ask("GetStatus")
    sources = {one.name: [one.kind, one.state] for one in seen.sources}
    return {"state": seen.state, "sources": sources, "levers": dict(seen.levers)}


def history(thermal):
    """Waits for a point; all are ordered and within their bounds."""
    of = {"kind": "row", "id": "r1"}
    until = time.monotonic() + POINT_WAIT_S
    points = []
    while not points and time.monotonic() < until:
        points = thermal.ask("GetHistory", of=of, quantity="power_w").points
    return len(points) > 0 and all(one.min <= one.mean + 1 and one.mean <= one.max + 1 for one in points)


def refusals(thermal):
    """The status, code and field of what must be refused."""
    asked = [
        ("PredictWhatIf", {"loads": [{"place": "nowhere", "stage": "decode"}]}),
        ("DeclareEmergency", {}),
        ("DeclareEmergency", {"emergency": {"kind": "fire"}}),
        ("ClearEmergency", {"id": "emergency-77"}),
        ("Plan", {}),
        ("GetHistory", {"quantity": "power_w"}),
    ]
    return [refusal(thermal, method, fields) for method, fields in asked]


def refusal(thermal, method, fields):
    """How one call is refused."""
    try:
        thermal.ask(method, **fields)
    except grpc.RpcError as error:
        trailers = dict(error.trailing_metadata())
        return [method, error.code().name, trailers.get("isotherm-param")]
    return [method, "OK", None]


def main():
    """Prints what a stranger sees."""
    with grpc.insecure_channel(sys.argv[1]) as channel:
        thermal = Thermal(channel)
        seen = {
            "health": client.health(channel),
            "services": client.services(channel),
            "telemetry": telemetry(thermal),
            "headroom": headroom(thermal),
            "room": room(thermal),
            "whatIf": what_if(thermal),
            "emergency": emergency(thermal),
            "plan": plan(thermal),
            "status": status(thermal),
            "history": history(thermal),
            "refusals": refusals(thermal),
        }
    print(json.dumps(seen))


if __name__ == "__main__":
    main()

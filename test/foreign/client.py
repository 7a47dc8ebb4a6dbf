#!/usr/bin/python3
"""A gRPC client that knows nothing of this repository: client.py ADDRESS PICTURE QUESTION.

It asks the standard health service, learns the contracts by reflection, builds the messages from
what it learnt, lists the models, counts the question's tokens, asks it about the picture, asks what
must be refused, and prints what it saw as one JSON object.
Needs python3-grpcio and python3-protobuf.
"""

import json
import pathlib
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

SERVICE = "isotherm.router.v1.RouterService"
TIMEOUT_S = 30


def _field(number, payload):
    """One length-delimited field (below 128 bytes), as the wire has it."""
    return bytes([number << 3 | 2, len(payload)]) + payload


def _fields(message):
    """The length-delimited fields of a message, as (number, payload)."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        value, at = _varint(message, at)
        if tag & 7 == 2:
            yield tag >> 3, message[at : at + value]
            at += value


def _varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _reflect(channel, request):
    """Asks the reflection service one thing; gives the answer's fields by number."""
    call = channel.stream_stream("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
    for answer in call(iter([request]), timeout=TIMEOUT_S):
        return dict(_fields(answer))
    raise SystemExit("reflection gave no answer")


def health(channel):
    """Status of the whole server: 1 is SERVING."""
    answer = channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=TIMEOUT_S)
    return _varint(answer, 1)[0]


def services(channel):
    """Names of all services: list_services (7) gives service (1) names (1) under 6."""
    listed = _reflect(channel, _field(7, b"*"))[6]
    return sorted(dict(_fields(one))[1].decode() for _, one in _fields(listed))


def contracts(channel):
    """A pool of the files that define the service: file_containing_symbol (4) gives them (4)."""
    files = {}
    for _, raw in _fields(_reflect(channel, _field(4, SERVICE.encode()))[4]):
        file = descriptor_pb2.FileDescriptorProto.FromString(raw)
        files[file.name] = file
    pool = descriptor_pool.DescriptorPool()

    def add(name):
        file = files.pop(name, None)
        if file is not None:
            for dependency in file.dependency:
                add(dependency)
            pool.Add(file)

    for name in list(files):
        add(name)
    return pool


class Router:
    """The service as reflection describes it."""

    def __init__(self, channel):
        self._channel = channel
        pool = contracts(channel)
        self._methods = pool.FindServiceByName(SERVICE).methods_by_name
        self._factory = message_factory.MessageFactory(pool)

    def request(self, method, **fields):
        """An empty request of a method, with these fields."""
        return self._factory.GetPrototype(self._methods[method].input_type)(**fields)

    def call(self, method, request):
        """Starts a call: a stream of responses, or the one response."""
        described = self._methods[method]
        kind = self._channel.unary_stream if method == "Generate" else self._channel.unary_unary
        stub = kind(
            f"/{SERVICE}/{method}",
            request_serializer=lambda one: one.SerializeToString(),
            response_deserializer=self._factory.GetPrototype(described.output_type).FromString,
        )
        return stub(request, timeout=TIMEOUT_S)


def _about(request, picture, question):
    """Puts a question about a picture into a request."""
    message = request.messages.add(role="user")
    message.parts.add(image=picture)
    message.parts.add(text=question)
    return request


def ask(router, picture, question):
    """Streams one answer; gives its pieces, how it ended, and the request id of the metadata."""
    call = router.call("Generate", _about(router.request("Generate"), picture, question))
    events = list(call)
    metadata = {key: value for key, value in call.initial_metadata()}
    finished = events[-1].finished
    return {
        "text": "".join(event.text.text for event in events),
        "finishReason": finished.finish_reason,
        "promptTokens": finished.usage.prompt_tokens,
        "imageTokens": finished.usage.image_tokens,
        "stages": [time.stage for time in finished.stages],
        "requestIds": [finished.request_id, metadata.get("x-request-id")],
    }


def models(router):
    """Every model with what it takes."""
    listed = router.call("ListModels", router.request("ListModels")).models
    return [[one.name, list(one.takes), one.ready] for one in listed]


def count(router, picture, question):
    """What the question about the picture would cost."""
    counted = router.call("CountTokens", _about(router.request("CountTokens"), picture, question))
    return [counted.prompt_tokens, counted.image_tokens, counted.token_counts]


def refusals(router):
    """The status, code and field of what must be refused."""
    requests = [
        ("Generate", router.request("Generate", model="gpt-5")),
        ("Generate", router.request("Generate")),
        ("Generate", router.request("Generate", temperature=3)),
        ("CountTokens", router.request("CountTokens", model="gpt-5")),
        ("CountTokens", router.request("CountTokens")),
    ]
    for method, request in requests:
        if request.model or method == "Generate" and request.temperature:
            request.messages.add(role="user").parts.add(text="What is this?")
    return [refusal(router, method, request) for method, request in requests]


def refusal(router, method, request):
    """How one call is refused."""
    try:
        call = router.call(method, request)
        answer = list(call) if method == "Generate" else call
    except grpc.RpcError as error:
        trailers = dict(error.trailing_metadata())
        code, param = trailers.get("isotherm-code"), trailers.get("isotherm-param")
        return [method, error.code().name, code, param, error.details()]
    return [method, "OK", None, None, str(answer)]


def main():
    """Prints what a stranger sees."""
    address, picture, question = sys.argv[1:]
    with grpc.insecure_channel(address) as channel:
        image = pathlib.Path(picture).read_bytes()
        router = Router(channel)
        seen = {
            "health": health(channel),
            "services": services(channel),
            "models": models(router),
            "count": count(router, image, question),
            "answer": ask(router, image, question),
            "refusals": refusals(router),
        }
    print(json.dumps(seen))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Asks a router about pictures, sounds and clips over gRPC; the answer streams in.

Needs only Debian's python3-grpcio (or `pip install grpcio protobuf`): no generated code, because a router with
ISOTHERM_REFLECTION=true, as `npm start` runs it, tells its contract itself.

    python3 docs/how-to/ask-over-grpc.py 127.0.0.1:50051 models/panel/examples/rack.png "Which unit has a fault?"
"""
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

POOL = descriptor_pool.Default()
SERVICE = 'isotherm.router.v1.RouterService'


def message(name):
    """The class of a message, in old and new versions of protobuf."""
    descriptor = POOL.FindMessageTypeByName(name)
    if hasattr(message_factory, 'GetMessageClass'):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(POOL).GetPrototype(descriptor)


def learn_contract(channel):
    """Asks the server for the .proto files behind SERVICE (grpc.reflection.v1, the two fields that it takes)."""
    wire = descriptor_pb2.FileDescriptorProto(
        name='reflection-wire.proto', package='wire', syntax='proto3',
        dependency=['google/protobuf/descriptor.proto'])
    wire.message_type.add(name='Request').field.add(
        name='symbol', number=4, label=1, type=9)
    wire.message_type.add(name='Response').field.add(
        name='files', number=4, label=1, type=11, type_name='.google.protobuf.FileDescriptorSet')
    POOL.Add(wire)
    reflect = channel.stream_stream(
        '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
        request_serializer=message('wire.Request').SerializeToString,
        response_deserializer=message('wire.Response').FromString)
    response = next(reflect(iter([message('wire.Request')(symbol=SERVICE)]), timeout=5))
    for file in response.files.file:
        POOL.Add(file)


def kind_of(path):
    """The field of a part that a file goes into, by its name."""
    ending = path.rsplit('.', 1)[-1].lower()
    if ending in ('wav', 'flac', 'ogg', 'opus', 'mp3'):
        return 'audio'
    return 'video' if ending in ('mp4', 'webm', 'mov', 'mkv') else 'image'


def main():
    if len(sys.argv) < 4:
        sys.exit('usage: python3 docs/how-to/ask-over-grpc.py HOST:PORT FILE... QUESTION')
    address, *files, question = sys.argv[1:]
    with grpc.insecure_channel(address) as channel:
        learn_contract(channel)
        generate = channel.unary_stream(
            f'/{SERVICE}/Generate',
            request_serializer=message('isotherm.router.v1.GenerateRequest').SerializeToString,
            response_deserializer=message('isotherm.router.v1.GenerateResponse').FromString)
        request = message('isotherm.router.v1.GenerateRequest')()
        turn = request.messages.add(role='user')
        for path in files:
            with open(path, 'rb') as file:
                turn.parts.add(**{kind_of(path): file.read()})
        turn.parts.add(text=question)
        for event in generate(request, timeout=60):
            if event.HasField('text'):
                print(event.text.text, end='', flush=True)
            else:
                print()
                for stage in event.finished.stages:
                    print(f'{stage.stage:8} {stage.instance_id:18} {stage.total_ms:8.1f} ms')


if __name__ == '__main__':
    try:
        main()
    except grpc.RpcError as error:
        sys.exit(f'{error.code().name}: {error.details()}')

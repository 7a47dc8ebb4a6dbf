import { expect, it } from '@jest/globals';
import descriptor from 'protobufjs/ext/descriptor/index.js';
import { loadForReflection } from './protos.ts';

interface Message {
  readonly name: string;
  readonly field: { readonly name: string; readonly typeName: string }[];
  readonly nestedType: { readonly name: string }[];
}

it('names the entries of map fields as protoc does', () => {
  const definition = loadForReflection()['isotherm.router.v1.GenerateRequest'];
  const files = Reflect.get(definition ?? {}, 'fileDescriptorProtos') as readonly Buffer[];
  const messages = files.flatMap((bytes) => {
    const { messageType } = descriptor.FileDescriptorProto.decode(bytes) as unknown as {
      readonly messageType: readonly Message[];
    };
    return messageType;
  });
  const request = messages.find(({ name }) => name === 'GenerateRequest');
  const biases = request?.field.find(({ name }) => name === 'logit_bias');
  expect(biases?.typeName).toBe('LogitBiasEntry');
  expect(request?.nestedType.map(({ name }) => name)).toEqual(['LogitBiasEntry']);
});

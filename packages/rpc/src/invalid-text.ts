import { isUtf8 } from 'node:buffer';
import { join } from 'node:path';
import { protoFiles, protoRoot } from '@isotherm/proto';
import protobuf from 'protobufjs';

const { Reader, Root, Type } = protobuf;

/** Wire type of strings, bytes and messages. */
const lengthDelimited = 2;

/** The contracts with their fields' own names, read when they are first needed. */
let contracts: protobuf.Root | undefined;
const readContracts = (): protobuf.Root => {
  const root = new Root();
  root.resolvePath = (_, target) => join(protoRoot, target);
  root.loadSync([...protoFiles], { keepCase: true });
  root.resolveAll();
  return root;
};

/** The message that a method takes; its path is /package.Service/Method. */
export const requestTypeOf = (path: string): protobuf.Type => {
  const [, service = '', name = ''] = path.split('/');
  contracts ??= readContracts();
  const type = contracts.lookupService(service).methods[name]?.resolvedRequestType;
  if (type === null || type === undefined) throw new Error(`There is no method ${path}.`);
  return type;
};

/**
 * Where a message that could be decoded has a string whose bytes are not UTF-8, as clients write it: `messages[0].role`.
 * Undefined where all are right. Looks at strings where they lie; bytes are passed over.
 */
export const invalidText = (type: protobuf.Type, bytes: Uint8Array): string | undefined => {
  const reader = Reader.create(bytes);
  const counts = new Map<number, number>();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const field = type.fieldsById[tag >>> 3];
    if (field === undefined || (tag & 7) !== lengthDelimited) {
      reader.skipType(tag & 7);
      continue;
    }
    const nested = field.resolvedType instanceof Type ? field.resolvedType : undefined;
    if (nested === undefined && field.type !== 'string') {
      reader.skipType(lengthDelimited);
      continue;
    }
    const index = counts.get(field.id) ?? 0;
    counts.set(field.id, index + 1);
    const chunk = reader.bytes();
    const name = field.repeated ? `${field.name}[${index}]` : field.name;
    if (nested === undefined) {
      if (!isUtf8(chunk)) return name;
      continue;
    }
    const within = invalidText(nested, chunk);
    if (within !== undefined) return `${name}.${within}`;
  }
  return undefined;
};

import type { PackageDefinition } from '@grpc/proto-loader';
import descriptor from 'protobufjs/ext/descriptor/index.js';

/** The parts of a descriptor.proto message that name the entry type of a map field. */
interface Described {
  name?: string;
  readonly options?: { readonly mapEntry?: boolean } | null;
  readonly field?: { readonly name?: string; typeName?: string }[];
  readonly nestedType?: Described[];
  readonly messageType?: Described[];
}

/**
 * Gives the entry types of map fields the names that protoc gives them: `LogitBiasEntry` for `logit_bias`. protobufjs
 * names them `Logit_bias`, and strict readers (Python's) refuse the whole file for that.
 */
export const withMapEntryNames = (definitions: PackageDefinition): PackageDefinition => {
  // Every definition carries a copy of every file.
  const known = new Map<string, Buffer>();
  const renamed = (bytes: Buffer): Buffer => {
    const key = bytes.toString('latin1');
    const file = known.get(key) ?? renamedFile(bytes);
    known.set(key, file);
    return file;
  };
  return Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => {
      const files: unknown = Reflect.get(definition, 'fileDescriptorProtos');
      if (!Array.isArray(files)) return [name, definition];
      return [name, { ...definition, fileDescriptorProtos: (files as Buffer[]).map(renamed) }];
    }),
  );
};

const renamedFile = (bytes: Buffer): Buffer => {
  const file = descriptor.FileDescriptorProto.decode(bytes) as Described;
  for (const message of file.messageType ?? []) renameEntries(message);
  return Buffer.from(descriptor.FileDescriptorProto.encode(file).finish());
};

const renameEntries = (message: Described): void => {
  for (const nested of message.nestedType ?? []) {
    const field = message.field?.find(({ typeName }) => typeName === nested.name);
    if (nested.options?.mapEntry !== true || field?.name === undefined) renameEntries(nested);
    else nested.name = field.typeName = entryName(field.name);
  }
};

/** `logit_bias` → `LogitBiasEntry`. */
const entryName = (field: string): string =>
  `${field.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())}Entry`;

import { createHash, webcrypto } from 'node:crypto';
import type { Payload } from './payload.ts';

/** Up to here hashing takes less time than handing the bytes to another thread. */
const inPlaceBytesMax = 1 << 16;

/** Lower-case hexadecimal SHA-256; of much data off the event loop. */
const sha256 = async (bytes: Uint8Array): Promise<string> => {
  if (bytes.length <= inPlaceBytesMax) return createHash('sha256').update(bytes).digest('hex');
  const digest = await webcrypto.subtle.digest('SHA-256', bytes);
  return Buffer.from(digest).toString('hex');
};

/**
 * The digest of a medium's content, for `Handle.digest`: SHA-256 of a file; of a list of frames, SHA-256 of the list
 * of theirs, so that a list of one is not taken for the file.
 */
export const payloadDigest = async ({ tensors, attributes }: Payload): Promise<string> => {
  const digests = await Promise.all(
    tensors.map(({ data }) =>
      sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
    ),
  );
  const [only = ''] = digests;
  const kind = attributes['kind'] ?? '';
  if (digests.length === 1 && kind === '') return only;
  return sha256(Buffer.from([kind, ...digests].join('\n')));
};

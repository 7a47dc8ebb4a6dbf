/** A process that owns payloads: it puts one of the asked size and kind under a lease and serves it. */
import { requestId } from '@isotherm/kernel';
import { createLeaseStore, type Payload, startServer, transferService } from '@isotherm/rpc';

export type PayloadKind = 'embedding' | 'kv';

export interface OwnerRequest {
  readonly kind: PayloadKind;
  readonly bytes: number;
}

export interface OwnerReply {
  readonly address: string;
  readonly leaseId: string;
}

const layers = 4;
const kvHeads = 2;
const headSize = 32;
const hiddenSize = 128;
const leaseMs = 600_000;

const tensor = (name: string, shape: readonly number[]): Payload['tensors'][number] => ({
  name,
  dataType: 'float32',
  shape,
  data: new Float32Array(shape.reduce((product, extent) => product * extent, 1)),
});

/** An embedding is one tensor, a KV cache two a layer, in the shapes of the small model. */
const payloadOf = ({ kind, bytes }: OwnerRequest): Payload => {
  if (kind === 'embedding') {
    return {
      tensors: [tensor('image_features', [bytes / 4 / hiddenSize, hiddenSize])],
      attributes: {},
    };
  }
  const rows = bytes / 4 / (layers * 2 * kvHeads * headSize);
  const names = Array.from({ length: layers }, (_, layer) =>
    ['key', 'value'].map((part) => `past_key_values.${layer}.${part}`),
  ).flat();
  return { tensors: names.map((name) => tensor(name, [kvHeads, rows, headSize])), attributes: {} };
};

const store = createLeaseStore({ bytesMax: 1 << 30 });
const server = await startServer({
  listen: '127.0.0.1:0',
  advertiseHost: '127.0.0.1',
  services: [transferService(store)],
  reflection: false,
});

process.on('message', (request: OwnerRequest) => {
  store.releaseRequest('bench');
  const terms = { request: requestId('bench'), expiresMs: Date.now() + leaseMs };
  const reply: OwnerReply = {
    address: server.address,
    leaseId: store.put(payloadOf(request), terms),
  };
  process.send?.(reply);
});
process.on('disconnect', () => process.exit(0));

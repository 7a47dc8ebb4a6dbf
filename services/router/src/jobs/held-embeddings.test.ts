import { describe, expect, it } from '@jest/globals';
import { Fault, instanceId } from '@isotherm/kernel';
import { defaultRoutePolicy, type InstanceView } from '@isotherm/policy';
import type { Handle, LeaseResponse } from '@isotherm/proto';
import type { Peers } from '@isotherm/rpc';
import { createLogger } from '@isotherm/runtime';
import type { Fleet } from '../fleet/fleet.ts';
import { createHeldEmbeddings, type EmbeddingQuery } from './held-embeddings.ts';

const never = new AbortController().signal;
const embedding: Handle = {
  leaseId: 'lease',
  address: 'holder:1',
  ownerId: 'holder',
  bytes: 8,
  digest: 'content',
  tokens: 36,
};
const query: EmbeddingQuery = {
  requestId: 'request',
  routerId: 'router',
  model: 'panel',
  modality: 'image',
  digest: 'd'.repeat(64),
  tokens: 36,
  deadlineMs: Date.now() + 60_000,
  key: 'd'.repeat(16),
  contextTokens: 50,
};

type Answer = (callback: (error: unknown, response?: LeaseResponse) => void) => void;

/** Two encoders, of which one holds the key; it answers lease calls as it is told. */
const fleetOf = (answer: Answer) => {
  const held = new Set([query.key]);
  const view = (id: string, cacheKeys: ReadonlySet<string>): InstanceView => ({
    ...{ id: instanceId(id), stage: 'encode', model: 'panel', takes: 'tensors', ready: true },
    ...{ capacity: 8, contextMax: 512, bookedTokens: 0, reportedTokens: 0 },
    ...{ kvBytes: 0, kvBytesMax: 0, cacheKeys },
  });
  const released: string[] = [];
  const asked: string[] = [];
  const named: string[] = [];
  const fleet: Partial<Fleet> = {
    views: () => [view('idle', new Set()), view('holder', held)],
    record: (id) => ({ address: `${id}:1` }) as ReturnType<Fleet['record']>,
    expectKey: (_, key) => void held.add(key),
    forgetKey: (_, key) => void held.delete(key),
  };
  const lease = (
    { leaseId }: { readonly leaseId: string },
    _options: unknown,
    callback: Parameters<Answer>[0],
  ): void => {
    named.push(leaseId);
    answer(callback);
  };
  const peers: Partial<Peers> = {
    encoder: (address) => {
      asked.push(address);
      return { lease } as unknown as ReturnType<Peers['encoder']>;
    },
  };
  const embeddings = createHeldEmbeddings({
    fleet: fleet as Fleet,
    policy: defaultRoutePolicy,
    random: () => 0,
    peers: peers as Peers,
    releaser: {
      release: ({ leaseId }) => void released.push(leaseId),
      flush: () => Promise.resolve(),
    },
    logger: createLogger({ service: 'test', level: 'silent' }),
  });
  return { embeddings, held, asked, named, released };
};

const granted: Answer = (callback) => callback(null, { embedding });
const refused: Answer = (callback) =>
  callback(Object.assign(new Error('none here'), { code: 5, details: 'none here', metadata: {} }));

describe('held embeddings', () => {
  it('are leased from the encoder that holds them', async () => {
    const { embeddings, asked } = fleetOf(granted);
    const leased = await embeddings.lease(query, never);
    expect(leased).toMatchObject({ result: embedding, instance: 'holder' });
    expect(asked).toEqual(['holder:1']);
  });

  it('are not asked for where nobody is known to hold them', async () => {
    const { embeddings, asked } = fleetOf(granted);
    expect(await embeddings.lease({ ...query, key: 'other' }, never)).toBeUndefined();
    expect(await embeddings.lease({ ...query, deadlineMs: Date.now() - 1 }, never)).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('are forgotten when they prove to be gone, so that nobody asks twice', async () => {
    const { embeddings, held, asked } = fleetOf(refused);
    expect(await embeddings.lease(query, never)).toBeUndefined();
    expect(held.size).toBe(0);
    expect(await embeddings.lease(query, never)).toBeUndefined();
    expect(asked).toHaveLength(1);
  });

  it('are let go of by name when the answer does not come: it may have been granted', async () => {
    const late: Answer = (callback) =>
      callback(Object.assign(new Error('late'), { code: 4, details: 'late' }));
    const { embeddings, named, released } = fleetOf(late);
    expect(await embeddings.lease(query, never)).toBeUndefined();
    expect(released).toHaveLength(1);
    expect(released).toEqual(named);
    const no = fleetOf(refused);
    await no.embeddings.lease(query, never);
    expect(no.released).toEqual([]);
  });

  it('that are under way are counted on where they are made, and not asked for', async () => {
    const { embeddings, held, asked } = fleetOf(granted);
    const key = 'new';
    const first = embeddings.attempted(instanceId('holder'), key);
    const second = embeddings.attempted(instanceId('holder'), key);
    expect(held.has(key)).toBe(true);
    first(true);
    expect(await embeddings.lease({ ...query, key }, never)).toBeUndefined();
    second(true);
    expect(await embeddings.lease({ ...query, key }, never)).toBeDefined();
    embeddings.attempted(instanceId('holder'), key)(false);
    expect(held.has(key)).toBe(false);
    expect(asked).toHaveLength(1);
  });

  it('are given back when the request ended meanwhile', async () => {
    const leaver = new AbortController();
    const { embeddings, released } = fleetOf((callback) => {
      leaver.abort(new Fault('cancelled', 'The client has gone.'));
      granted(callback);
    });
    await expect(embeddings.lease(query, leaver.signal)).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(released).toEqual(['lease']);
  });
});

import type { ServerDuplexStream } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { requestId } from '@isotherm/kernel';
import type { PullSmallRequest, PullSmallResponseInput } from '@isotherm/proto';
import { createPeers, type Peers } from '../peers.ts';
import { protos } from '../protos.ts';
import { type RunningServer, startServer } from '../server.ts';
import { createLeaseStore } from './lease-store.ts';
import { bytesPayload, type Payload, payloadBytes } from './payload.ts';
import { pull } from './pull.ts';
import { transferService } from './serve.ts';
import { smallBytesMax } from './small-payload.ts';

type Call = ServerDuplexStream<unknown, unknown>;

const store = createLeaseStore({ bytesMax: 1 << 30 });
const terms = { request: requestId('request'), expiresMs: Date.now() + 60_000 };
const peers: Peers = createPeers();
const deadlineMs = Date.now() + 20_000;
/** Streams that were opened to the owner. */
let streams = 0;
let owner: RunningServer;

/** An owner whose streams are served by a function. */
const startOwner = (serve: (call: Call) => void): Promise<RunningServer> =>
  startServer({
    listen: '127.0.0.1:0',
    advertiseHost: '127.0.0.1',
    reflection: false,
    services: [
      {
        definition: protos.isotherm.transfer.v1.TransferService.service,
        implementation: { PullSmall: serve },
      },
    ],
  });

beforeAll(async () => {
  const { PullSmall: serve } = transferService(store).implementation;
  owner = await startOwner((call) => {
    streams += 1;
    Reflect.apply(serve as (call: Call) => void, undefined, [call]);
  });
});
afterAll(async () => {
  peers.close();
  await owner.close(5_000);
  store.close();
});

const tensors = (count: number): Payload => ({
  tensors: Array.from({ length: count }, (_, index) => ({
    name: `past.${index}`,
    dataType: 'float32' as const,
    shape: [2, index],
    data: Float32Array.from({ length: 2 * index }, (_each, at) => at + index / 64),
  })),
  attributes: { count: String(count) },
});
const keep = (payload: Payload) => ({
  leaseId: store.put(payload, terms),
  address: owner.address,
  bytes: payloadBytes(payload),
});

describe('a small pull', () => {
  it.each([0, 1, 2, 60])('gives back exactly what was put: %d tensors', async (count) => {
    const payload = tensors(count);
    expect(payloadBytes(payload)).toBeLessThanOrEqual(smallBytesMax);
    expect(await pull(peers, keep(payload), { deadlineMs })).toEqual(payload);
  });

  it('shares one stream with all others, and fails alone', async () => {
    streams = 0;
    const handles = Array.from({ length: 300 }, (_, index) =>
      keep(bytesPayload(Buffer.alloc(index, index))),
    );
    store.release(handles.slice(100, 101).map(({ leaseId }) => leaseId));
    const pulls = handles.map((handle) => pull(peers, handle, { deadlineMs }));
    const outcomes = await Promise.allSettled(pulls);
    outcomes.forEach((outcome, index) => {
      if (index === 100) expect(outcome).toMatchObject({ reason: { code: 'not_found' } });
      else expect(outcome).toMatchObject({ value: { tensors: [{ shape: [index] }] } });
    });
    expect(streams).toBeLessThanOrEqual(1);
  });

  it('shares messages with those of the same turn, up to a bound each way', async () => {
    const { PullSmall: serve } = transferService(store).implementation;
    const asked: number[] = [];
    const given: number[] = [];
    const counting = await startOwner((call) => {
      call.on('data', ({ pulls }: PullSmallRequest) => asked.push(pulls.length));
      const write = call.write.bind(call) as (message: unknown) => boolean;
      call.write = (message: PullSmallResponseInput) => {
        given.push(message.payloads?.length ?? 0);
        return write(message);
      };
      Reflect.apply(serve as (call: Call) => void, undefined, [call]);
    });
    const pulling = (payloads: readonly Payload[]) =>
      Promise.all(
        payloads.map((payload) =>
          pull(peers, { ...keep(payload), address: counting.address }, { deadlineMs }),
        ),
      );
    await pulling(Array.from({ length: 70 }, (_, index) => tensors(index % 5)));
    const large = Array.from({ length: 6 }, () => bytesPayload(new Uint8Array(smallBytesMax)));
    const pulled = await pulling(large);
    await counting.close(0);
    expect(pulled).toEqual(large);
    expect(asked).toEqual([64, 6, 6]);
    // 256 KiB of the large ones fill a message.
    expect(given).toEqual([64, 6, 4, 2]);
  });

  it('ends the lease when asked to, and only then', async () => {
    const handle = keep(tensors(3));
    await pull(peers, handle, { deadlineMs });
    await pull(peers, handle, { deadlineMs, releaseAfter: true });
    await expect(pull(peers, handle, { deadlineMs })).rejects.toMatchObject({ code: 'not_found' });
  });

  it.each([
    { what: 'larger than its handle says', said: 1, bytes: smallBytesMax + 1, bytesMax: 1 << 20 },
    { what: 'larger than its puller takes', said: 100, bytes: 100, bytesMax: 99 },
  ])('refuses a payload that is $what', async ({ said, bytes, bytesMax }) => {
    const handle = { ...keep(bytesPayload(new Uint8Array(bytes))), bytes: said };
    const pulling = pull(peers, handle, { deadlineMs, bytesMax });
    await expect(pulling).rejects.toMatchObject({ code: 'internal' });
  });

  it('says that nobody is there', async () => {
    const handle = { address: '127.0.0.1:1', leaseId: 'x', bytes: 5 };
    const pulling = pull(peers, handle, { deadlineMs });
    await expect(pulling).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('a small pull from an owner that does not answer', () => {
  let asked: Call | undefined;
  let silent: RunningServer;
  beforeAll(async () => {
    silent = await startOwner((call) => {
      asked = call;
      call.on('error', () => undefined);
      call.resume();
    });
  });
  afterAll(() => silent.close(0));
  const handle = () => ({ address: silent.address, leaseId: 'x', bytes: 5 });

  it('ends at its deadline, or when its signal aborts', async () => {
    const controller = new AbortController();
    const late = pull(peers, handle(), { deadlineMs: Date.now() + 30 });
    const left = pull(peers, handle(), { deadlineMs, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(left).rejects.toThrow('enough');
    await expect(late).rejects.toMatchObject({ code: 'deadline_exceeded' });
    const before = pull(peers, handle(), { deadlineMs, signal: controller.signal });
    await expect(before).rejects.toThrow('enough');
  });

  it('fails with all others of its stream when that breaks, and the next opens another', async () => {
    const pulls = [0, 1, 2].map(() => pull(peers, handle(), { deadlineMs }));
    const outcomes = Promise.allSettled(pulls);
    // The stream that is open by now, or opens with the first message.
    while (asked === undefined) await new Promise((resolve) => setImmediate(resolve));
    const broken = asked;
    asked = undefined;
    broken.end();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
    }
    const next = pull(peers, handle(), { deadlineMs: Date.now() + 2_000 });
    const ended = expect(next).rejects.toMatchObject({ code: 'unavailable' });
    while (asked === undefined) await new Promise((resolve) => setImmediate(resolve));
    (asked as Call).end();
    await ended;
  });
});

it('a stream that is not used ends by itself: its owner can shut down', async () => {
  const quiet = await startOwner((call) => {
    Reflect.apply(
      transferService(store).implementation['PullSmall'] as (call: Call) => void,
      undefined,
      [call],
    );
  });
  const handle = { ...keep(tensors(2)), address: quiet.address };
  await pull(peers, handle, { deadlineMs });
  const startMs = performance.now();
  await quiet.close(15_000);
  expect(performance.now() - startMs).toBeLessThan(10_000);
});

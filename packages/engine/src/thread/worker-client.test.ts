import { afterEach, describe, expect, it } from '@jest/globals';
import { getPriority } from 'node:os';
import { startWorker, type WorkerClient } from './worker-client.ts';

type TestCalls = {
  readonly echo: { readonly request: unknown; readonly response: unknown };
  readonly wait: { readonly request: number; readonly response: null };
  readonly count: { readonly request: null; readonly response: number };
  readonly fail: { readonly request: null; readonly response: null };
  readonly niceness: { readonly request: null; readonly response: number };
  readonly crash: { readonly request: null; readonly response: null };
};

const serveCalls = new URL('./serve-calls.js', import.meta.url).href;
const source = `
  import { readlinkSync } from 'node:fs';
  import { getPriority } from 'node:os';
  import { serveCalls } from ${JSON.stringify(serveCalls)};
  let waits = 0;
  serveCalls({
    echo: (request) => ({ response: request }),
    wait: async (ms) => { waits += 1; await new Promise((done) => setTimeout(done, ms)); return { response: null }; },
    count: () => ({ response: waits }),
    fail: () => { throw new Error('broken pipe dream'); },
    niceness: () => ({ response: getPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1))) }),
    crash: () => { setImmediate(() => { throw new Error('out of coolant'); }); return new Promise(() => {}); },
  });
`;

describe('startWorker', () => {
  let worker: WorkerClient<TestCalls> | undefined;
  const start = (): WorkerClient<TestCalls> => {
    worker = startWorker<TestCalls>(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
    return worker;
  };
  afterEach(async () => {
    await worker?.close();
  });

  it('answers calls in order and moves buffers', async () => {
    const client = start();
    const floats = Float32Array.of(1, 2, 3);
    const answer = await client.call('echo', floats, { transfer: [floats.buffer] });
    expect(Array.from(answer as Float32Array)).toEqual([1, 2, 3]);
    expect(floats.length).toBe(0);
    const answers = await Promise.all([1, 2, 3].map((value) => client.call('echo', value)));
    expect(answers).toEqual([1, 2, 3]);
  });

  (process.platform === 'linux' ? it : it.skip)(
    'steps back behind the event loop (threads have a priority of their own on Linux only)',
    async () => {
      const own = getPriority();
      expect(await start().call('niceness', null)).toBe(Math.max(own, 10));
      expect(getPriority()).toBe(own);
    },
  );

  it('turns what a handler throws into a fault and stays alive', async () => {
    const client = start();
    await expect(client.call('fail', null)).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('broken pipe dream'),
    });
    expect(await client.call('echo', 1)).toBe(1);
  });

  it('rejects what cannot be cloned and stays alive', async () => {
    const client = start();
    await expect(client.call('echo', () => 1)).rejects.toMatchObject({ code: 'internal' });
    expect(await client.call('echo', 1)).toBe(1);
  });

  it('drops a waiting call when its signal aborts, without running it', async () => {
    const client = start();
    const running = client.call('wait', 30);
    const controller = new AbortController();
    const waiting = client.call('wait', 0, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await running;
    expect(await client.call('count', null)).toBe(1);
  });

  it('drops the result of a running call when its signal aborts', async () => {
    const client = start();
    const controller = new AbortController();
    const running = client.call('wait', 20, { signal: controller.signal });
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(await client.call('count', null)).toBe(1);
  });

  it('refuses a call that is already cancelled', async () => {
    await expect(start().call('echo', 1, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  it('rejects everything and reports when the thread dies', async () => {
    const client = start();
    const calls = [client.call('crash', null), client.call('echo', 1)];
    for (const call of calls) {
      await expect(call).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('out of coolant'),
      });
    }
    expect(await client.failed).toMatchObject({ code: 'unavailable' });
    await expect(client.call('echo', 1)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('rejects what is pending when closed, and reports no failure', async () => {
    const client = start();
    const pending = client.call('wait', 50).catch((thrown: unknown) => thrown);
    await client.close();
    expect(await pending).toMatchObject({ code: 'unavailable' });
    const outcome = await Promise.race([client.failed, Promise.resolve('open')]);
    expect(outcome).toBe('open');
  });

  it('bounds what may wait', async () => {
    const client = start();
    const calls = Array.from({ length: 1030 }, () => client.call('wait', 100));
    const outcomes = calls.map((call) => call.catch((thrown: unknown) => thrown));
    expect(await outcomes[1029]).toMatchObject({ code: 'saturated' });
    await client.close();
    await Promise.all(outcomes);
  });
});

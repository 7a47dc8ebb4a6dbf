import { afterEach, describe, expect, it } from '@jest/globals';
import { createExpendableWorker, type ExpendableWorker } from './expendable-worker.ts';

type TestCalls = {
  readonly load: { readonly request: null; readonly response: null };
  readonly double: { readonly request: number; readonly response: number };
  readonly hang: { readonly request: null; readonly response: null };
  readonly crash: { readonly request: null; readonly response: null };
  readonly refuse: { readonly request: null; readonly response: null };
};

const serveCalls = new URL('./serve-calls.js', import.meta.url).href;
const source = `
  import { serveCalls } from ${JSON.stringify(serveCalls)};
  let factor;
  serveCalls({
    load: () => { factor = 2; return { response: null }; },
    double: (value) => ({ response: value * factor }),
    hang: () => { for (;;); },
    crash: () => { process.exit(3); },
    refuse: () => { throw new Error('not like this'); },
  });
`;

describe('createExpendableWorker', () => {
  let worker: ExpendableWorker<TestCalls>;
  const start = (callMsMax: number): ExpendableWorker<TestCalls> => {
    worker = createExpendableWorker<TestCalls>({
      module: new URL(`data:text/javascript,${encodeURIComponent(source)}`),
      prepare: async (fresh) => {
        await fresh.call('load', null);
      },
      callMsMax,
      broken: 'This input broke it.',
    });
    return worker;
  };
  afterEach(async () => {
    await worker.close();
  });
  const broken = { code: 'invalid_argument', message: 'This input broke it.' };

  it('ends a thread that hangs, and answers what came after from a fresh one', async () => {
    const client = start(300);
    const hanging = client.call('hang', null);
    const after = client.call('double', 21);
    await expect(hanging).rejects.toMatchObject(broken);
    expect(await after).toBe(42);
  });

  it('blames the call whose thread died, and goes on', async () => {
    const client = start(10_000);
    await expect(client.call('crash', null)).rejects.toMatchObject(broken);
    expect(await client.call('double', 4)).toBe(8);
  });

  it('passes on a refusal, and drops what was given up while it waited', async () => {
    const client = start(10_000);
    await expect(client.call('refuse', null)).rejects.toThrow(/not like this/);
    const gone = new AbortController();
    const first = client.call('double', 1);
    const second = client.call('double', 2, { signal: gone.signal });
    gone.abort(new Error('left'));
    expect(await first).toBe(2);
    await expect(second).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('refuses when it is closed', async () => {
    const client = start(10_000);
    await client.close();
    await expect(client.call('double', 1)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

import { describe, expect, it } from '@jest/globals';
import { type DecodeEngine, type DecodeStart, profileDecodeEngine } from '@isotherm/engine';
import { seededRandom } from '@isotherm/kernel';
import { createRunningBatch } from './running-batch.ts';
import type { BatchToken } from './step-tokens.ts';

const never = new AbortController().signal;
const slots = 4;

const start = (seed: number, tokensMax: number): DecodeStart => ({
  kvCache: [
    {
      name: 'past_key_values.0.key',
      dataType: 'int32',
      shape: [1, 1, 1],
      data: Int32Array.of(seed),
    },
  ],
  token: seed % 251,
  tokenIndex: 0,
  tokensMax,
  sampling: { temperature: 0, topP: 1, seed: 0 },
});

const requestOf = (id: number, tokensMax: number) => ({
  owner: String(id),
  start: start(id, tokensMax),
  preemptions: 0,
});

interface Ran {
  readonly tokens: Map<string, number[]>;
  readonly batches: number[];
  run(id: string, tokensMax: number, signal?: AbortSignal): Promise<void>;
  step: (tokens: readonly BatchToken<string>[]) => void;
}

const batchOf = (): Ran => {
  const tokens = new Map<string, number[]>();
  const batches: number[] = [];
  const batch = createRunningBatch<string>(profileDecodeEngine({ slots }), (step, size) => {
    batches.push(size);
    for (const { owner, token } of step) tokens.set(owner, [...(tokens.get(owner) ?? []), token]);
    ran.step(step);
  });
  const ran: Ran = {
    tokens,
    batches,
    run: (id, tokensMax, signal = never) =>
      batch.run(id, { owner: id, start: start(Number(id), tokensMax), preemptions: 0 }, signal),
    step: () => undefined,
  };
  return ran;
};

/** An engine whose first `step` rejects; it counts the slots that are taken. */
const failingOnce = (): { readonly engine: DecodeEngine; taken(): number } => {
  const inner = profileDecodeEngine({ slots });
  const joined = new Set<string>();
  let failures = 1;
  const engine: DecodeEngine = {
    ...inner,
    join: async (id, sequence) => {
      await inner.join(id, sequence);
      joined.add(id);
    },
    leave: async (id) => {
      await inner.leave(id);
      joined.delete(id);
    },
    step: async () => {
      if (failures-- > 0) throw new Error('no memory');
      const tokens = await inner.step();
      for (const { sequence, finish } of tokens) if (finish !== undefined) joined.delete(sequence);
      return tokens;
    },
  };
  return { engine, taken: () => joined.size };
};

describe('the running batch', () => {
  it('runs each sequence to its length, never more at once than there are slots', async () => {
    const { run, tokens, batches } = batchOf();
    const random = seededRandom(11);
    const lengths = Array.from({ length: 20 }, () => 1 + Math.floor(random() * 30));
    await Promise.all(lengths.map((length, id) => run(String(id), length)));
    expect(lengths.map((_, id) => tokens.get(String(id))?.length)).toEqual(lengths);
    expect(Math.max(...batches)).toBe(slots);
  });

  it('gives every sequence the tokens that it would get alone', async () => {
    const together = batchOf();
    await Promise.all(['1', '2', '3', '4', '5', '6'].map((id) => together.run(id, 12)));
    for (const id of ['1', '4', '6']) {
      const alone = batchOf();
      await alone.run(id, 12);
      expect(together.tokens.get(id)).toEqual(alone.tokens.get(id));
    }
  });

  it('lets a sequence leave in the middle, at once, and the others go on', async () => {
    const ran = batchOf();
    const controller = new AbortController();
    ran.step = (step) => {
      const seen = step.find(({ owner, tokenIndex }) => owner === '1' && tokenIndex === 5);
      if (seen !== undefined) controller.abort(new Error('left'));
    };
    const leaving = ran.run('1', 1000, controller.signal);
    const staying = ran.run('2', 20);
    await expect(leaving).rejects.toThrow('left');
    await staying;
    expect(ran.tokens.get('1')).toHaveLength(5);
    expect(ran.tokens.get('2')).toHaveLength(20);
  });

  it('begins the next step before the owners hear of the last one', async () => {
    const inner = profileDecodeEngine({ slots });
    let begun = 0;
    const engine: DecodeEngine = {
      ...inner,
      step: () => {
        begun += 1;
        return inner.step();
      },
    };
    const begunWhenHeard: number[] = [];
    const batch = createRunningBatch<string>(engine, () => begunWhenHeard.push(begun));
    await batch.run('1', requestOf(1, 5), never);
    expect(begunWhenHeard).toEqual([2, 3, 4, 5, 5]);
  });

  it('reports time and company with the last token only', async () => {
    const ran = batchOf();
    const last: BatchToken<string>[] = [];
    ran.step = (step) => last.push(...step.filter(({ timing }) => timing !== undefined));
    await Promise.all([ran.run('1', 3), ran.run('2', 9)]);
    expect(last.map(({ owner, tokenIndex, finish }) => [owner, tokenIndex, finish])).toEqual([
      ['1', 3, 'length'],
      ['2', 9, 'length'],
    ]);
    expect(last.map(({ timing }) => timing?.batch)).toEqual([2, 2]);
  });

  it('fails what shared a failed step and frees its slots; what comes later runs', async () => {
    const { engine, taken } = failingOnce();
    const batch = createRunningBatch<string>(engine, () => undefined);
    const run = (id: number) => batch.run(String(id), requestOf(id, 5), never);
    const outcomes = await Promise.allSettled(
      Array.from({ length: slots + 2 }, (_, id) => run(id)),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      ...Array.from({ length: slots }, () => 'rejected'),
      'fulfilled',
      'fulfilled',
    ]);
    expect(outcomes[0]).toMatchObject({ reason: { code: 'unavailable' } });
    await Promise.all(Array.from({ length: slots }, (_, id) => run(id)));
    expect([taken(), batch.size, batch.waiting]).toEqual([0, 0, 0]);
  });

  it('frees the slot of a sequence that was cancelled during a failed step', async () => {
    const { engine, taken } = failingOnce();
    const controller = new AbortController();
    const step = (): ReturnType<DecodeEngine['step']> => {
      controller.abort(new Error('left'));
      return engine.step();
    };
    const batch = createRunningBatch<string>({ ...engine, step }, () => undefined);
    const run = (id: number, signal: AbortSignal) =>
      batch.run(String(id), requestOf(id, 5), signal);
    const [left, stayed] = await Promise.allSettled([run(1, controller.signal), run(2, never)]);
    expect(left).toMatchObject({ reason: { message: 'left' } });
    expect(stayed).toMatchObject({ reason: { code: 'unavailable' } });
    await run(3, never);
    expect(taken()).toBe(0);
  });

  it('forgets a sequence that is cancelled while it waits for a slot, at once', async () => {
    const controller = new AbortController();
    const engine = profileDecodeEngine({ slots, decodeStepMs: 1 });
    const batch = createRunningBatch<string>(engine, () => undefined);
    const run = (id: number, signal: AbortSignal) =>
      batch.run(String(id), requestOf(id, 20), signal);
    const running = Array.from({ length: slots }, (_, id) => run(id, never));
    const waiting = Array.from({ length: 100 }, (_, id) => run(slots + id, controller.signal));
    const outcomes = Promise.allSettled(waiting);
    while (batch.size < slots) await new Promise((resolve) => setImmediate(resolve));
    expect(batch.waiting).toBe(100);
    controller.abort(new Error('left'));
    expect([batch.size, batch.waiting]).toEqual([slots, 0]);
    expect((await outcomes).every(({ status }) => status === 'rejected')).toBe(true);
    await Promise.all(running);
  });

  describe('frees the slot of a sequence that is cancelled', () => {
    /** Two slots, and who is in them when each step begins. `hooks` are called while a step or a join is under way. */
    const watched = () => {
      const inner = profileDecodeEngine({ slots: 2 });
      const taken = new Set<string>();
      const steps: string[][] = [];
      const hooks: { stepping: () => void; joining: (id: string) => void } = {
        stepping: () => undefined,
        joining: () => undefined,
      };
      const engine: DecodeEngine = {
        ...inner,
        join: async (id, sequence) => {
          hooks.joining(id);
          await inner.join(id, sequence);
          taken.add(id);
        },
        leave: async (id) => {
          await inner.leave(id);
          taken.delete(id);
        },
        step: async () => {
          steps.push([...taken]);
          hooks.stepping();
          const tokens = await inner.step();
          for (const { sequence, finish } of tokens)
            if (finish !== undefined) taken.delete(sequence);
          return tokens;
        },
      };
      return { engine, steps, hooks };
    };
    /** Sequence 1 is cancelled; 3 and 4 wait for slots. Says who was in the batch at each step from then on. */
    const cancelled = async (
      when: 'as it says a stop string' | 'while a step runs' | 'while another joins',
    ): Promise<readonly string[][]> => {
      const { engine, steps, hooks } = watched();
      const controller = new AbortController();
      let stepsBefore = 0;
      const cancel = (): void => {
        if (controller.signal.aborted) return;
        stepsBefore = steps.length;
        controller.abort(new Error('left'));
      };
      const batch = createRunningBatch<string>(engine, (tokens) => {
        const stop = tokens.some(({ owner, tokenIndex }) => owner === '1' && tokenIndex === 5);
        if (when === 'as it says a stop string' && stop) cancel();
      });
      hooks.stepping = () => {
        if (when === 'while a step runs' && steps.length === 5) cancel();
      };
      hooks.joining = (id) => {
        if (when === 'while another joins' && id === '3') cancel();
      };
      const lengths = [1000, when === 'while another joins' ? 5 : 40, 20, 20];
      const runs = lengths.map((length, index) =>
        batch.run(
          String(index + 1),
          requestOf(index + 1, length),
          index === 0 ? controller.signal : never,
        ),
      );
      const [left, ...others] = await Promise.allSettled(runs);
      expect(left).toMatchObject({ status: 'rejected', reason: { message: 'left' } });
      expect(others.every(({ status }) => status === 'fulfilled')).toBe(true);
      return steps.slice(stepsBefore);
    };

    it.each(['as it says a stop string', 'while a step runs'] as const)(
      '%s: before the next step, which has the next that waits',
      async (when) => {
        const [next, ...later] = await cancelled(when);
        expect(next).toEqual(['2', '3']);
        expect(later.flat()).not.toContain('1');
      },
    );

    it('while another joins: the step that then begins still has it, and no other', async () => {
      const [next, after, ...later] = await cancelled('while another joins');
      expect(next).toEqual(['1', '3']);
      expect(after).toEqual(['3', '4']);
      expect(later.flat()).not.toContain('1');
    });
  });

  describe('whose memory is short', () => {
    // A block of 32 tokens of one byte each: two sequences fit up to their 32nd token, then one.
    const bytesMax = 64;
    const shortOf = () => {
      const tokens = new Map<string, number[]>();
      const widest = { bytes: 0, batch: 0 };
      const engine = profileDecodeEngine({ slots, kvBytesPerToken: 4, kvBytesMax: 4 * bytesMax });
      const batch = createRunningBatch<string>(engine, (step, size) => {
        widest.bytes = Math.max(widest.bytes, batch.kvBytes);
        widest.batch = Math.max(widest.batch, size);
        for (const { owner, token } of step)
          tokens.set(owner, [...(tokens.get(owner) ?? []), token]);
      });
      /** Goes on after each preemption with the tokens it has, as a router does. */
      const run = async (id: number, tokensMax: number): Promise<number> => {
        for (let preemptions = 0; ; preemptions++) {
          const said = tokens.get(String(id))?.length ?? 0;
          const begun = { ...start(id, tokensMax - said), tokenIndex: said };
          const request = { owner: String(id), start: begun, preemptions };
          const ended = await batch.run(`${id}.${preemptions}`, request, never).then(
            () => undefined,
            (error: unknown) => error,
          );
          if (ended === undefined) return preemptions;
          expect(ended).toMatchObject({ code: 'preempted' });
        }
      };
      return { batch, tokens, widest, run };
    };

    it('preempts the youngest, never holds more than it has, and says what it would have said', async () => {
      const short = shortOf();
      const preempted = await Promise.all([1, 2, 3, 4].map((id) => short.run(id, 50)));
      expect(short.batch.preemptions).toBe(preempted.reduce((sum, count) => sum + count, 0));
      expect(short.batch.preemptions).toBeGreaterThan(0);
      expect(preempted[0]).toBe(0);
      expect(short.widest).toEqual({ bytes: 4 * bytesMax, batch: 2 });
      for (const id of [1, 2, 3, 4]) {
        const alone = batchOf();
        await alone.run(String(id), 50);
        expect(short.tokens.get(String(id))).toEqual(alone.tokens.get(String(id)));
      }
      expect([short.batch.kvBytes, short.batch.size, short.batch.waiting]).toEqual([0, 0, 0]);
    });

    it('lets nobody join whom it could not keep', async () => {
      const short = shortOf();
      const runs = Promise.all([1, 2, 3].map((id) => short.run(id, 10)));
      while (short.batch.size < 2) await new Promise((resolve) => setImmediate(resolve));
      expect([short.batch.size, short.batch.waiting]).toEqual([2, 1]);
      expect(await runs).toEqual([0, 0, 0]);
    });
  });
});

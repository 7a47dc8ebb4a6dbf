import { afterEach, describe, expect, it } from '@jest/globals';
import { Fault, instanceId, type InstanceId, systemClock } from '@isotherm/kernel';
import { laneName, memoryFabric } from '@isotherm/lanes';
import { closedBreaker, defaultRoutePolicy } from '@isotherm/policy';
import type { Peers } from '@isotherm/rpc';
import { silentLogger } from '@isotherm/runtime';
import { createBooking } from '../fleet/booking.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { type Member, viewOf } from '../fleet/member.ts';
import { createRecordBook } from '../record/record-book.ts';
import { createBackoff } from './backoff.ts';
import { createHedgeLedger } from './hedge-ledger.ts';
import type { AheadCopy, JobsAhead } from './jobs-ahead.ts';
import { createJobDesk, type StageWork } from './job-desk.ts';
import { createOpenJobs } from './open-jobs.ts';

const breaker = {
  ...{ breakerFailuresMax: 2, breakerWindowMs: 60_000, breakerOpenMs: 60_000 },
  ...{ breakerOpenMsMax: 60_000, breakerProbesMax: 1 },
};
const options = {
  ...{ breaker, loadAging: { freshMs: 1000, halfLifeMs: 1000 } },
  headroomOf: () => undefined,
  nowMs: () => performance.now(),
};

/** What an instance does with a job: it delivers, fails with a code, keeps silent, or does not take it. */
type Behaviour = 'delivers' | 'silent' | 'takes nothing' | Fault;

const memberOf = (id: string): Member => {
  const parts: Partial<Member> = {
    ...{ open: true, bookedTokens: 0, bookings: 0, reportedTokens: 0, reportedAtMs: 0 },
    ...{ waiting: new Set(), breaker: closedBreaker, kv: { bytes: 0, bytesMax: 0 } },
    record: {
      ...{ id: instanceId(id), stage: 'encode', model: 'panel', address: `${id}:1` },
      ...{ capacity: 1, contextMax: 512, startedMs: 0, state: 'serving' },
    },
  };
  return Object.assign(parts, { held: { keys: new Set<string>() } }) as unknown as Member;
};

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A desk over lanes in memory, whose instances do as they are told. */
const bench = async (
  behaviours: Readonly<Record<string, Behaviour>>,
  laneDepthMax = 8,
  sendsAhead = false,
) => {
  const fabric = memoryFabric({ limits: { laneDepthMax } });
  const members = new Map(Object.keys(behaviours).map((id) => [instanceId(id), memberOf(id)]));
  const counts = { bookings: 0, least: 0, cancels: 0 };
  const fleet: Partial<Fleet> = {
    views: () => [...members.values()].map((member) => viewOf(member, options.nowMs(), options)),
    record: (id) => members.get(id)?.record,
    bookingsOf: (id) => members.get(id)?.bookings ?? 0,
    book: (id, tokens) =>
      createBooking(tokens, {
        ...{ member: members.get(id), options },
        count: (sign) => {
          counts.bookings += sign;
          counts.least = Math.min(counts.least, counts.bookings);
        },
      }),
    changed: (signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
  };
  const openJobs = createOpenJobs(() => undefined);
  const attempts: InstanceId[] = [];
  for (const [id, behaviour] of Object.entries(behaviours)) {
    if (behaviour === 'takes nothing') continue;
    await fabric.lanes.consume<{ readonly jobId: string }>(
      laneName('encode', instanceId(id)),
      async ({ body: { jobId } }) => {
        attempts.push(instanceId(id));
        if (behaviour === 'silent') return;
        const job = { jobId, requestId: 'request' };
        if (behaviour === 'delivers') {
          openJobs.heard(instanceId(id), { kind: 'encoded', jobId, value: encodedBy(id) });
          return;
        }
        const { code, message } = behaviour;
        const value = { ...job, code, message, param: '' };
        openJobs.heard(instanceId(id), { kind: 'failed', jobId, value });
      },
      { concurrency: 4 },
    );
  }
  const cancelled: object[] = [];
  const cancel = (named: object, _: unknown, callback: (error: null, value: object) => void) => {
    cancelled.push(named);
    counts.cancels += 1;
    callback(null, {});
  };
  const records = createRecordBook({ tracesMax: 8, traceInstancesMax: 8 }, systemClock);
  const hedges = createHedgeLedger({
    ...{ hedgeEncodeAfterMs: 5, hedgeEncodePercentile: 0, hedgeEncodePercentMax: 0 },
  });
  const retry = { retryBackoffMs: 1, retryBackoffMsMax: 1 };
  const copies: AheadCopy[] = [];
  const ahead: JobsAhead = {
    send: (_, copy) => {
      if (sendsAhead) copies.push(copy);
      return sendsAhead;
    },
    close: () => undefined,
  };
  const desk = createJobDesk({
    ...{ fabric, fleet: fleet as Fleet, openJobs, records, logger: silentLogger() },
    ...{ policy: defaultRoutePolicy, random: () => 0, instanceWaitMs: 20 },
    ahead,
    peers: { stage: () => ({ cancel }) } as unknown as Peers,
    hedges,
    backoff: createBackoff(retry, Math.random, systemClock),
  });
  closing.push(async () => {
    await desk.close();
    await fabric.close();
  });
  return { desk, members, attempts, counts, records, openJobs, fabric, hedges, cancelled, copies };
};

const encodedBy = (id: string) => ({
  ...{ jobId: '', requestId: '', timing: null },
  embedding: { leaseId: 'l', address: id, ownerId: id, bytes: 1, digest: '', tokens: 1 },
});

const work = (different: Partial<StageWork<string>> = {}): StageWork<string> => ({
  ...{ stage: 'encode', requestId: 'request', model: 'panel', tokens: 10, contextTokens: 10 },
  ...{ deadlineMs: Date.now() + 60_000, attemptsMax: 5 },
  command: (jobId) => ({ jobId }),
  hear: (event) => (event.kind === 'encoded' ? event.value.embedding?.ownerId : undefined),
  ...different,
});
const never = new AbortController().signal;
const away = new Fault('unavailable', 'It is away.');

describe('the job desk', () => {
  it('goes on elsewhere when an instance fails, and tells the record why', async () => {
    const { desk, attempts, records, counts } = await bench({ a: away, b: 'delivers' });
    records.open('request');
    const { result, instance } = await desk.run(work(), never);
    expect([result, instance, attempts]).toEqual(['b', 'b', ['a', 'b']]);
    const notes = records.read('request')?.notes.map(({ kind }) => kind);
    expect(notes).toEqual(['placed', 'attempt_failed', 'waited', 'placed']);
    expect(counts).toMatchObject({ bookings: 0, least: 0 });
  });

  it('opens the breaker of what fails again and again, and sends it no more work', async () => {
    const { desk, attempts, members, records } = await bench({ a: away, b: 'delivers' });
    records.open('request');
    for (let i = 0; i < 6; i++) await desk.run(work(), never);
    expect(attempts.filter((id) => id === 'a')).toHaveLength(2);
    expect(members.get(instanceId('a'))?.breaker.kind).toBe('open');
    const opened = records.read('request')?.notes.filter(({ kind }) => kind === 'breaker_changed');
    expect(opened?.map(({ facts }) => facts)).toEqual([{ instance: 'a', state: 'open' }]);
  });

  it('sends work where the breaker is open when there is nobody else', async () => {
    const { desk, attempts } = await bench({ a: away });
    await expect(desk.run(work(), never)).rejects.toMatchObject({ code: 'unavailable' });
    expect(attempts).toHaveLength(5);
  });

  it('never opens a breaker for what is the client’s fault, a full lane or another’s loss', async () => {
    for (const code of ['invalid_argument', 'unsupported', 'not_found', 'preempted'] as const) {
      const { desk, members } = await bench({ a: new Fault(code, 'No.') });
      for (let i = 0; i < 3; i++) await desk.run(work({ attemptsMax: 1 }), never).catch(() => 0);
      expect(members.get(instanceId('a'))?.breaker).toEqual(closedBreaker);
    }
    const full = await bench({ a: 'silent' }, 1);
    full.openJobs.add('other', { instance: instanceId('a'), hear: () => 0, fail: () => 0 });
    await full.fabric.lanes.close();
    for (let i = 0; i < 3; i++) await full.desk.run(work({ attemptsMax: 1 }), never).catch(() => 0);
    expect(full.members.get(instanceId('a'))?.breaker).toEqual(closedBreaker);
  });

  it('begins no attempt whose pause would outlast the deadline', async () => {
    const { desk, attempts } = await bench({ a: away, b: 'delivers' });
    const late = work({ deadlineMs: Date.now() - 1 });
    await expect(desk.run(late, never)).rejects.toMatchObject({ code: 'unavailable' });
    expect(attempts).toEqual(['a']);
  });

  it('releases each booking once however the work ends', async () => {
    const cases: readonly (readonly [Behaviour, Partial<StageWork<string>>])[] = [
      ['delivers', {}],
      [away, {}],
      [new Fault('invalid_argument', 'No.'), {}],
      [
        'delivers',
        {
          command: () => {
            throw new Error('broken');
          },
        },
      ],
      [
        'delivers',
        {
          hear: () => {
            throw new Error('broken');
          },
        },
      ],
      [
        'delivers',
        {
          placed: () => {
            throw new Error('broken');
          },
        },
      ],
      [
        'delivers',
        {
          attempted: () => {
            throw new Error('broken');
          },
        },
      ],
      ['delivers', { model: 'nobody' }],
    ];
    for (const [behaviour, different] of cases) {
      const { desk, members, counts } = await bench({ a: behaviour });
      await desk.run(work(different), never).catch(() => undefined);
      const member = members.get(instanceId('a'));
      expect([member?.bookedTokens, member?.bookings, member?.waiting.size]).toEqual([0, 0, 0]);
      expect(counts).toMatchObject({ bookings: 0, least: 0 });
    }
  });

  it('releases the booking of what is aborted while it waits, runs, or pauses', async () => {
    for (const behaviour of ['silent', away] as const) {
      const { desk, members, counts, attempts } = await bench({ a: behaviour });
      const leaver = new AbortController();
      const gone = new Fault('cancelled', 'The client has gone.');
      const running = desk.run(
        work({ placed: () => void setImmediate(() => leaver.abort(gone)) }),
        leaver.signal,
      );
      await expect(running).rejects.toMatchObject({ code: expect.anything() });
      expect(members.get(instanceId('a'))?.bookedTokens).toBe(0);
      expect(counts).toMatchObject({ bookings: 0, least: 0 });
      expect(attempts.length).toBeLessThanOrEqual(5);
    }
  });
});

describe('a job whose copy goes ahead of its lane', () => {
  const payload = { leaseId: 'l', payload: { tensors: [], attributes: {} }, sent: undefined };

  it('is the one that the lane gets, with the payloads of the work', async () => {
    const { desk, copies } = await bench({ a: 'delivers' }, 8, true);
    await desk.run(work({ payloads: [payload] }), never);
    const id = expect.any(String);
    expect(copies).toEqual([{ id, body: { jobId: copies[0]?.id }, payloads: [payload] }]);
  });

  it('goes only where little is under way', async () => {
    const { desk, copies, fabric } = await bench({ a: 'takes nothing' }, 8, true);
    const leaver = new AbortController();
    const lane = fabric.lanes.sender(laneName('encode', instanceId('a')));
    const running: Promise<unknown>[] = [];
    while (running.length < 6) {
      running.push(desk.run(work(), leaver.signal));
      while ((await lane.depth()) < running.length) await new Promise(setImmediate);
    }
    expect(copies).toHaveLength(4);
    leaver.abort(away);
    await Promise.allSettled(running);
  });

  it('is cancelled where the lane does not take it', async () => {
    const { desk, fabric, copies, cancelled } = await bench({ a: 'silent' }, 8, true);
    await fabric.lanes.close();
    await desk.run(work({ attemptsMax: 1 }), never).catch(() => 0);
    expect(cancelled).toEqual([{ jobIds: [copies[0]?.id] }]);
  });

  it('is cancelled when its request ends, though it still waits in the lane', async () => {
    for (const wentAhead of [true, false]) {
      const { desk, cancelled, fabric } = await bench({ a: 'takes nothing' }, 8, wentAhead);
      const lane = fabric.lanes.sender(laneName('encode', instanceId('a')));
      const leaver = new AbortController();
      const running = desk.run(work(), leaver.signal);
      while ((await lane.depth()) === 0) await new Promise(setImmediate);
      leaver.abort(away);
      await expect(running).rejects.toBe(away);
      await new Promise(setImmediate);
      expect(await lane.depth()).toBe(0);
      expect(cancelled).toEqual(wentAhead ? [{ requestIds: ['request'] }] : []);
    }
  });
});

describe('work that may be hedged', () => {
  const hedgedWork = work({ hedged: true });

  it('goes to a second instance when the first is late; that one is told to stop this job alone', async () => {
    const { desk, attempts, counts, records, hedges, cancelled } = await bench({
      ...{ a: 'silent', b: 'delivers' },
    });
    records.open('request');
    const { instance } = await desk.run(hedgedWork, never);
    expect([instance, attempts]).toEqual(['b', ['a', 'b']]);
    // Both bookings are released by now, and none twice.
    expect(counts).toMatchObject({ bookings: 0, least: 0 });
    const notes = records.read('request')?.notes.map(({ kind }) => kind);
    expect(notes).toEqual(['placed', 'hedged', 'placed', 'hedge_ended']);
    expect(hedges.counts).toEqual({ jobs: 1, hedged: 1, won: 1, refused: 0 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(cancelled).toEqual([{ jobIds: [expect.any(String)] }]);
  });

  it('is left alone where the first answers in time', async () => {
    const { desk, attempts, hedges } = await bench({ a: 'delivers', b: 'delivers' });
    await desk.run(hedgedWork, never);
    expect(attempts).toHaveLength(1);
    expect(hedges.counts).toMatchObject({ jobs: 1, hedged: 0 });
  });

  it('is not hedged beyond its share, nor where there is nobody else', async () => {
    const some = await bench({ a: 'silent', b: 'silent' });
    const leave = new AbortController();
    const both = [runHedged(some, leave.signal), runHedged(some, leave.signal)];
    await untilIt(() => some.hedges.counts.refused === 1);
    expect(some.hedges.counts).toMatchObject({ jobs: 2, hedged: 1 });
    leave.abort(away);
    await Promise.allSettled(both);
    expect(some.counts).toMatchObject({ bookings: 0, least: 0 });

    const alone = await bench({ a: 'silent' });
    const gone = new AbortController();
    const one = runHedged(alone, gone.signal);
    await new Promise((resolve) => setTimeout(resolve, 20));
    gone.abort(away);
    await expect(one).rejects.toBe(away);
    expect(alone.hedges.counts).toMatchObject({ jobs: 1, hedged: 0 });
    expect(alone.counts).toMatchObject({ bookings: 0, least: 0 });
  });

  it('ends both where the request ends', async () => {
    const { desk, counts, hedges } = await bench({ a: 'silent', b: 'silent' });
    const leave = new AbortController();
    const running = desk.run(hedgedWork, leave.signal);
    await untilIt(() => hedges.counts.hedged === 1);
    expect(counts.bookings).toBe(2);
    leave.abort(away);
    await expect(running).rejects.toBe(away);
    expect(counts).toMatchObject({ bookings: 0, least: 0 });
  });
});

const runHedged = ({ desk }: Awaited<ReturnType<typeof bench>>, signal: AbortSignal) =>
  desk.run(work({ hedged: true }), signal);

const untilIt = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
};

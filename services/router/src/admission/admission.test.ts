import { afterEach, describe, expect, it } from '@jest/globals';
import { Fault, instanceId, manualClock, type Stage } from '@isotherm/kernel';
import {
  defaultSloClasses,
  defaultTenantLimits,
  type InstanceView,
  noDemand,
} from '@isotherm/policy';
import fc from 'fast-check';
import {
  type Admission,
  type AdmissionOptions,
  type AdmissionSettings,
  createAdmission,
} from './admission.ts';
import type { Ticket } from './ticket.ts';

const instance = (stage: Stage, capacity: number): InstanceView => ({
  ...{ id: instanceId(stage), stage, model: 'panel', ready: true, capacity, contextMax: 512 },
  ...{ bookedTokens: 0, reportedTokens: 0, kvBytes: 0, kvBytesMax: 0, cacheKeys: new Set() },
});

/** Two decode slots, and prefill that never is what is short. */
const small = [instance('encode', 8), instance('prefill', 100), instance('decode', 2)];
const clock = manualClock(1_000_000);
const never = new AbortController().signal;
const patient = (): AbortSignal => new AbortController().signal;

const opened: Admission[] = [];
/** Who still waits would keep the process. */
afterEach(() => {
  for (const admission of opened.splice(0)) admission.close();
});

const admissionOf = (
  different: Partial<AdmissionSettings & Pick<AdmissionOptions, 'routers'>> = {},
  views: readonly InstanceView[] = small,
): Admission => {
  const admission = createAdmission({
    ...{ sloClasses: defaultSloClasses, tenants: {}, queueMax: 10, queueBytesMax: 1000 },
    ...{ stageBacklogMs: 50, placesPercent: 100, clock },
    fleet: { views: () => views, revision: 0, changed: () => new Promise(() => undefined) },
    routers: () => 1,
    ...different,
  });
  opened.push(admission);
  return admission;
};

const asking = (different: Partial<Parameters<Admission['enter']>[0]> = {}) => ({
  ...{ model: 'panel', path: 'staged' as const, tenant: 'a', sloClass: 'standard' as const },
  demand: { ...noDemand, requests: 1, cost: 10, prefillTokens: 5 },
  ...{ promptTokens: 5, bytes: 10, deadlineMs: clock.nowMs() + 60_000 },
  ...different,
});

const jobOf = (stage: Stage, tokens: number, engineMs: number, batch = 1) => ({
  ...{ stage, instance: 'one', totalMs: engineMs, tokens },
  timing: { laneWaitMs: 0, pullMs: 0, queueMs: 0, engineMs, batch, cachedTokens: 0 },
});

/** Enters requests one after the other; names are noted in the order in which they are let in. */
const crowd = (admission: Admission) => {
  const order: string[] = [];
  const tickets: Ticket[] = [];
  const faults: Fault[] = [];
  return {
    ...{ order, tickets, faults },
    come: (name: string, different: Parameters<typeof asking>[0] = {}, signal = patient()): void =>
      void admission.enter(asking(different), signal).then(
        (ticket) => {
          order.push(name);
          tickets.push(ticket);
        },
        (error: unknown) => faults.push(Fault.from(error)),
      ),
    /** Lets one leave after the other, until nobody is there. */
    drain: async (): Promise<void> => {
      await settled();
      for (let at = 0; at < tickets.length; at++) {
        tickets[at]?.release();
        await settled();
      }
    },
  };
};

/** What was resolved has been told. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('admission', () => {
  it('lets in as many as there are places, and the rest in their turn', async () => {
    const admission = admissionOf({}, [...small.slice(0, 2), instance('decode', 10)]);
    const { come, order, drain } = crowd(admission);
    for (let i = 0; i < 12; i++) come(`${i}`);
    await settled();
    // Standard requests may have 95 of a hundred places: ten of ten.
    expect(order).toHaveLength(10);
    expect(admission.status()).toMatchObject({ waiting: 2, waitingBytes: 20 });
    await drain();
    expect(order).toHaveLength(12);
    expect(admission.status()).toMatchObject({ waiting: 0, waitingBytes: 0 });
    expect(admission.status().classes.standard.admitted).toBe(12);
  });

  it('serves the urgent first, tenants in turns, and of each what is due first', async () => {
    const admission = admissionOf();
    const { come, order, drain } = crowd(admission);
    come('first');
    come('second');
    come('batch', { sloClass: 'batch' });
    come('long', { promptTokens: 400 });
    come('short');
    come('other', { tenant: 'b' });
    come('urgent', { sloClass: 'interactive' });
    await drain();
    expect(order).toEqual(['first', 'second', 'urgent', 'short', 'other', 'long', 'batch']);
  });

  it('does not let a flood of one tenant delay another', async () => {
    const admission = admissionOf({ queueMax: 100 });
    const { come, order, drain } = crowd(admission);
    for (let i = 0; i < 40; i++) come(`flood ${i}`, { tenant: 'flood' });
    for (let i = 0; i < 3; i++) come(`small ${i}`, { tenant: 'small' });
    await drain();
    const places = order.flatMap((name, index) => (name.startsWith('small') ? [index] : []));
    expect(places).toHaveLength(3);
    // Two that were there before, and from then on turn by turn: a round is a little more than one each.
    expect(Math.max(...places)).toBeLessThanOrEqual(2 + 2 * 3 + 1);
  });

  it('leaves nothing of who cancels or is too late while waiting', async () => {
    const admission = admissionOf();
    const { come, faults, order } = crowd(admission);
    come('first');
    come('second');
    const controllers = Array.from({ length: 4 }, () => new AbortController());
    for (const { signal } of controllers) come('waits', {}, signal);
    await settled();
    expect(admission.status().waiting).toBe(4);
    const late = new Fault('deadline_exceeded', 'Too late.');
    for (const controller of controllers) controller.abort(late);
    await settled();
    expect(faults).toEqual([late, late, late, late]);
    expect(order).toEqual(['first', 'second']);
    expect(admission.status()).toMatchObject({ waiting: 0, waitingBytes: 0 });
  });

  it('refuses who has waited for as long as its class may, and counts it', async () => {
    const batch = { ...defaultSloClasses.batch, waitMsMax: 5, giveUpMs: 5 };
    const admission = admissionOf({ sloClasses: { ...defaultSloClasses, batch } });
    const { come } = crowd(admission);
    come('first');
    come('second');
    await expect(admission.enter(asking({ sloClass: 'batch' }), never)).rejects.toMatchObject({
      code: 'saturated',
    });
    expect(admission.status()).toMatchObject({ waiting: 0, refused: { wait_over: 1 } });
  });

  it("refuses what is over a tenant's own limit as that, says when, and takes back what was not used", async () => {
    const limits = { ...defaultTenantLimits, tokensPerS: 10, burstTokens: 25 };
    const admission = admissionOf({ tenants: { a: limits } });
    const first = await admission.enter(asking(), never);
    await admission.enter(asking(), never);
    await expect(admission.enter(asking(), never)).rejects.toMatchObject({
      ...{ code: 'rate_limited', retryAfterMs: 500 },
    });
    expect(admission.status().refused.tenant_rate).toBe(1);
    // Of ten tokens that were asked for, five were the prompt and none was made.
    first.finished({ stages: [], completionTokens: 0 });
    first.release();
    await expect(admission.enter(asking(), never)).resolves.toMatchObject({ waitedMs: 0 });
  });

  it('refuses with little work when the waiting room is full', async () => {
    const admission = admissionOf({ queueMax: 500, queueBytesMax: 1e6 });
    const { come } = crowd(admission);
    for (let i = 0; i < 2000; i++) come('', { tenant: `t${i % 300}` });
    await settled();
    const startUs = process.cpuUsage();
    for (let i = 0; i < 1000; i++) {
      await admission.enter(asking({ tenant: 't1' }), never).catch(() => undefined);
    }
    const { user, system } = process.cpuUsage(startUs);
    // Processor time, which other load on the machine does not stretch: on average far below the 5 ms it may take.
    expect((user + system) / 1000 / 1000).toBeLessThan(1);
    expect(admission.status().refused.queue_count).toBeGreaterThan(0);
  });

  it('refuses at once what would be too late, by what it has learnt, and says when it would be', async () => {
    const admission = admissionOf({}, [instance('prefill', 1), instance('decode', 100)]);
    for (let i = 0; i < 8; i++) {
      const ticket = await admission.enter(asking(), never);
      ticket.finished({ stages: [jobOf('prefill', 5, 1000)], completionTokens: 1 });
      ticket.release();
    }
    await admission.enter(asking(), never);
    const soon = asking({ deadlineMs: clock.nowMs() + 1500 });
    await expect(admission.enter(soon, never)).rejects.toMatchObject({
      ...{ code: 'saturated', message: expect.stringContaining('2.00 s') },
    });
    const sooner = asking({ deadlineMs: clock.nowMs() + 500 });
    await expect(admission.enter(sooner, never)).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    const urgent = asking({ sloClass: 'interactive' });
    const waits = [1, 2].map(() => admission.enter(urgent, never).catch((error) => error.code));
    expect(await waits[1]).toBe('saturated');
    expect(admission.status().refused).toMatchObject({
      ...{ deadline: 1, never_in_time: 1, ttft_target: 1 },
    });
  });

  it('holds back what waits for an encoder, and nobody else', async () => {
    const admission = admissionOf({}, [
      ...[instance('encode', 1), instance('prefill', 100), instance('decode', 50)],
    ]);
    const { come, order, tickets } = crowd(admission);
    const picture = {
      demand: { ...asking().demand, encodeJobs: 1, encodeTokens: 36 },
    };
    for (let i = 0; i < 6; i++) come('picture', picture);
    come('text');
    await settled();
    // While nothing is known of its speed an encoder gets four for each that it runs at once.
    expect(order).toEqual([...Array.from({ length: 4 }, () => 'picture'), 'text']);
    tickets[0]?.encoded();
    await settled();
    expect(order).toHaveLength(6);
  });

  it('lets a large prompt in though it has seen small ones only', async () => {
    const admission = admissionOf({}, [instance('prefill', 1), instance('decode', 100)]);
    for (let i = 0; i < 12; i++) {
      const ticket = await admission.enter(asking(), never);
      ticket.finished({ stages: [jobOf('prefill', 5, 20)], completionTokens: 1 });
      ticket.release();
    }
    // At 4 ms a token it would take eleven minutes.
    const demand = { ...asking().demand, prefillTokens: 160_000 };
    await expect(admission.enter(asking({ demand }), never)).resolves.toMatchObject({
      waitedMs: 0,
    });
    await expect(admission.enter(asking(), never)).resolves.toBeDefined();
  });

  it('answers late rather than refuse late, what was let in to wait', async () => {
    const standard = { ...defaultSloClasses.standard, waitMsMax: 1, giveUpMs: 60_000 };
    const admission = admissionOf({ sloClasses: { ...defaultSloClasses, standard } });
    const { come, tickets, faults } = crowd(admission);
    for (const name of ['first', 'second', 'waits']) come(name);
    await settled();
    // Timers of 1 ms that were set before have run when this one has.
    await new Promise((resolve) => setTimeout(resolve, 5));
    tickets[0]?.release();
    await settled();
    expect(faults).toEqual([]);
    expect(tickets).toHaveLength(3);
  });

  it('sends decode no more than leaves each class its time a token, and says how many had it', async () => {
    const interactive = { ...defaultSloClasses.interactive, tokenMs: 26 };
    const admission = admissionOf({ sloClasses: { ...defaultSloClasses, interactive } }, [
      ...[instance('prefill', 100), instance('decode', 100)],
    ]);
    // A step takes 6 ms, and 2 for each sequence in it: ten take 26.
    for (const batch of [1, 2, 4, 8, 1, 2, 4, 8]) {
      const ticket = await admission.enter(asking({ sloClass: 'interactive' }), never);
      ticket.firstToken();
      clock.advance(batch === 8 ? 1000 : 100);
      const stages = [jobOf('decode', 10, 10 * (6 + 2 * batch), batch)];
      ticket.finished({ stages, completionTokens: 11 });
      ticket.release();
    }
    const { tokensInTime, tokensLate } = admission.status().classes.interactive;
    expect({ tokensInTime, tokensLate }).toEqual({ tokensInTime: 6, tokensLate: 2 });
    const { come, order } = crowd(admission);
    for (let i = 0; i < 12; i++) come('batch', { sloClass: 'batch' });
    await settled();
    expect(order).toHaveLength(12);
    come('urgent', { sloClass: 'interactive' });
    await settled();
    expect(order.at(-1)).toBe('urgent');
    come('batch again', { sloClass: 'batch' });
    for (let i = 0; i < 11; i++) come('urgent', { sloClass: 'interactive' });
    await settled();
    expect(order.filter((name) => name === 'urgent')).toHaveLength(10);
    expect(admission.status().classes).toMatchObject({
      ...{ batch: { waiting: 1 }, interactive: { waiting: 2 } },
    });
  });

  it('lets in of two routers as many as one would', async () => {
    const decode = { ...instance('decode', 20), bookedTokens: 0, reportedTokens: 0 };
    let routers = 2;
    const admission = admissionOf({ routers: () => routers }, [
      ...[instance('prefill', 100), { ...decode, reportedTokens: 100 }],
    ]);
    const { come, order } = crowd(admission);
    for (let i = 0; i < 20; i++) come('');
    await settled();
    // The other one uses all there is: this one is due its half.
    expect(order).toHaveLength(10);
    routers = 1;
    come('one more');
    await settled();
    expect(order).toContain('one more');
  });

  it('holds its bounds and ends at zero, whatever comes, goes and breaks off (property)', async () => {
    const event = fc.record({
      act: fc.constantFrom('come', 'come', 'come', 'abort', 'encoded', 'first', 'release'),
      at: fc.nat(30),
      tenant: fc.constantFrom('a', 'b', 'c'),
      sloClass: fc.constantFrom('interactive' as const, 'standard' as const, 'batch' as const),
      bytes: fc.nat(300),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 60 }), async (events) => {
        const admission = admissionOf({ queueMax: 6, queueBytesMax: 500, placesPercent: 150 });
        const { come, tickets, drain } = crowd(admission);
        const controllers: AbortController[] = [];
        const released = new Set<number>();
        for (const { act, at, ...one } of events) {
          if (act === 'come') {
            const controller = new AbortController();
            controllers.push(controller);
            come('', one, controller.signal);
          } else if (act === 'abort') controllers[at % controllers.length]?.abort();
          else if (act === 'encoded') tickets[at % tickets.length]?.encoded();
          else if (act === 'first') tickets[at % tickets.length]?.firstToken();
          else if (tickets.length > 0) {
            released.add(at % tickets.length);
            tickets[at % tickets.length]?.release();
          }
          await settled();
          const { waiting, waitingBytes } = admission.status();
          expect(waiting).toBeLessThanOrEqual(6);
          expect(waitingBytes).toBeLessThanOrEqual(500);
          expect(tickets.length - released.size).toBeLessThanOrEqual(3);
        }
        await drain();
        expect(admission.status()).toMatchObject({ waiting: 0, waitingBytes: 0 });
        // Every place is free again.
        const after = crowd(admission);
        for (let i = 0; i < 4; i++) after.come('', { sloClass: 'interactive' });
        await settled();
        expect(after.tickets).toHaveLength(3);
      }),
      { numRuns: 60 },
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import { instanceId, manualClock, seededRandom, type Stage } from '@isotherm/kernel';
import {
  defaultSloClasses,
  type InstanceView,
  noDemand,
  type SloClass,
  type SloClassName,
} from '@isotherm/policy';
import { createAdmission } from './admission.ts';
import type { Ticket } from './ticket.ts';

/** Requests of one tenant and class, so many a second. */
interface Offer {
  readonly tenant: string;
  readonly sloClass: SloClassName;
  readonly perS: number;
}

interface Seen {
  readonly offer: Offer;
  readonly arrivedMs: number;
  readonly ttftMs: number | undefined;
  readonly refusedMs: number | undefined;
}

/** Time that the one prefill instance takes for a prompt: it is what is short, 25 a second. */
const promptMs = 40;
const perS = 1000 / promptMs;
const decodeMs = 20;

const instance = (stage: Stage, capacity: number): InstanceView => ({
  ...{ id: instanceId(stage), stage, model: 'panel', ready: true, capacity, contextMax: 512 },
  ...{ bookedTokens: 0, reportedTokens: 0, kvBytes: 0, kvBytesMax: 0, cacheKeys: new Set() },
});
const fleet = [instance('prefill', 1), instance('decode', 32)];

const classOf = (ttftMs: number, waitMsMax: number): SloClass => ({
  ...{ ttftMs, ttftTokenMs: 0, tokenMs: 100, waitMsMax, promoteMs: waitMsMax / 2 },
  placesShareMax: 1,
});
const classes = {
  ...defaultSloClasses,
  interactive: classOf(400, 300),
  standard: classOf(1500, 1200),
  batch: classOf(20_000, 16_000),
};

/** What was let in or refused has been told: a few turns of promises, without a turn of the event loop. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
};

const timing = { laneWaitMs: 0, pullMs: 0, queueMs: 0, batch: 1, cachedTokens: 0 };
const account = {
  stages: [
    {
      ...{ stage: 'prefill' as const, instance: 'p', totalMs: promptMs, tokens: 50 },
      timing: { ...timing, engineMs: promptMs },
    },
  ],
  completionTokens: 8,
};

/** Real admission in front of a fleet whose time is a number: seconds of load take no time, and no other load disturbs it. */
const simulate = async (
  offers: readonly Offer[],
  forMs: number,
  seed = 3,
): Promise<readonly Seen[]> => {
  const clock = manualClock(1_000_000);
  const admission = createAdmission({
    ...{ sloClasses: classes, tenants: {}, queueMax: 1024, queueBytesMax: 1e9, clock },
    ...{ stageBacklogMs: 50, placesPercent: 125 },
    fleet: { views: () => fleet, changed: () => new Promise(() => undefined) },
  });
  const random = seededRandom(seed);
  const arrivals = offers
    .flatMap((offer) => {
      const times: { readonly atMs: number; readonly offer: Offer }[] = [];
      const gapMs = (): number => (-Math.log(1 - random()) / offer.perS) * 1000;
      for (let atMs = gapMs(); atMs < forMs; atMs += gapMs()) times.push({ atMs, offer });
      return times;
    })
    .toSorted((one, other) => one.atMs - other.atMs);
  const seen: Seen[] = [];
  const events: { readonly atMs: number; run(): void }[] = [];
  const at = (atMs: number, run: () => void): void => {
    const place = events.findLastIndex((event) => event.atMs <= atMs);
    events.splice(place + 1, 0, { atMs, run });
  };
  let idleFromMs = 0;
  const serve = (ticket: Ticket, offer: Offer, arrivedMs: number): void => {
    const doneMs = Math.max(idleFromMs, clock.monotonicMs()) + promptMs;
    idleFromMs = doneMs;
    at(doneMs, () => {
      ticket.firstToken();
      seen.push({ offer, arrivedMs, ttftMs: doneMs - arrivedMs, refusedMs: undefined });
    });
    at(doneMs + decodeMs, () => {
      ticket.finished(account);
      ticket.release();
    });
  };
  const arrive = (atMs: number, offer: Offer): void => {
    const demand = { ...noDemand, requests: 1, cost: 60, prefillTokens: 50 };
    const asked = { ...offer, model: 'panel', path: 'staged' as const, demand };
    const deadlineMs = clock.nowMs() + 120_000;
    const patience = new AbortController();
    // The wait that is too long ends by a timer, and there is none in this time.
    at(atMs + classes[offer.sloClass].waitMsMax, () => patience.abort(new Error('waited')));
    admission.enter({ ...asked, promptTokens: 50, bytes: 1, deadlineMs }, patience.signal).then(
      (ticket) => serve(ticket, offer, atMs),
      () => {
        const refusedMs = clock.monotonicMs() - atMs;
        seen.push({ offer, arrivedMs: atMs, ttftMs: undefined, refusedMs });
      },
    );
  };
  let next = 0;
  for (;;) {
    const arrival = arrivals[next];
    const comesFirst = (arrival?.atMs ?? Infinity) <= (events[0]?.atMs ?? Infinity);
    const event =
      arrival !== undefined && comesFirst
        ? { atMs: arrival.atMs, run: () => arrive(arrival.atMs, arrival.offer) }
        : events.shift();
    if (event === undefined) break;
    if (comesFirst) next += 1;
    clock.advance(Math.max(0, event.atMs - clock.monotonicMs()));
    event.run();
    await settled();
  }
  admission.close();
  return seen;
};

const p99 = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length * 0.99)] ?? Number.NaN;

describe('admission in front of a simulated fleet', () => {
  it('keeps the p99 of a tenant within 1.2 when another one sends ten times its share', async () => {
    const firstOf = async (floodTimes: number): Promise<readonly Seen[]> => {
      const offers: readonly Offer[] = [
        { tenant: 'steady', sloClass: 'standard', perS: perS / 4 },
        { tenant: 'flood', sloClass: 'standard', perS: (floodTimes * perS) / 2 },
      ];
      const runs: Seen[] = [];
      for (const seed of [1, 2, 3]) runs.push(...(await simulate(offers, 60_000, seed)));
      return runs.filter(({ offer }) => offer.tenant === 'steady');
    };
    const [beside, flooded] = [await firstOf(1), await firstOf(10)];
    const refused = flooded.filter(({ ttftMs }) => ttftMs === undefined);
    expect(refused).toEqual([]);
    const of = (seen: readonly Seen[]): number => p99(seen.map(({ ttftMs }) => ttftMs ?? Infinity));
    expect(of(flooded) / of(beside)).toBeLessThanOrEqual(1.2);
  });

  it('loses less than a tenth of its goodput to three times too much load, and nothing that is urgent', async () => {
    const forMs = 60_000;
    const seen = await simulate(
      [
        { tenant: 'a', sloClass: 'interactive', perS: perS / 2 },
        { tenant: 'a', sloClass: 'standard', perS },
        { tenant: 'a', sloClass: 'batch', perS: perS * 1.5 },
      ],
      forMs,
    );
    const good = seen.filter(
      ({ offer, ttftMs }) => ttftMs !== undefined && ttftMs <= classes[offer.sloClass].ttftMs,
    );
    const inTime = good.filter(({ arrivedMs, ttftMs }) => arrivedMs + (ttftMs ?? 0) <= forMs);
    expect(inTime.length / ((forMs / 1000) * perS)).toBeGreaterThan(0.9);
    const urgent = (from: readonly Seen[]): number =>
      from.filter(({ offer }) => offer.sloClass === 'interactive').length;
    expect(urgent(good) / urgent(seen)).toBeGreaterThanOrEqual(0.99);
    // Few wait for what they do not get.
    const refusals = seen.flatMap(({ refusedMs }) => (refusedMs === undefined ? [] : [refusedMs]));
    const late = refusals.filter((ms) => ms > 1).length;
    expect(late / refusals.length).toBeLessThan(0.05);
  });
});

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
/** On the way to prefill and back, beside other requests: no engine tells of it. */
const wayMs = 30;

const instance = (stage: Stage, capacity: number): InstanceView => ({
  ...{ id: instanceId(stage), stage, model: 'panel', ready: true, capacity, contextMax: 512 },
  ...{ bookedTokens: 0, reportedTokens: 0, kvBytes: 0, kvBytesMax: 0, cacheKeys: new Set() },
});
const fleet = [instance('prefill', 1), instance('decode', 32)];

const classOf = (ttftMs: number, waitMsMax: number, giveUpMs: number): SloClass => ({
  ...{ ttftMs, ttftTokenMs: 0, tokenMs: 100, waitMsMax, giveUpMs, promoteMs: waitMsMax / 2 },
  placesShareMax: 1,
});
const classes = {
  ...defaultSloClasses,
  interactive: classOf(400, 300, 400),
  standard: classOf(1500, 1200, 3000),
  batch: classOf(20_000, 16_000, 120_000),
};

/** What was let in or refused has been told: a few turns of promises, without a turn of the event loop. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
};

const timing = { laneWaitMs: 0, pullMs: 0, queueMs: 0, batch: 1, cachedTokens: 0 };
const accountOf = (engineMs: number) => ({
  stages: [
    {
      ...{ stage: 'prefill' as const, instance: 'p', totalMs: engineMs, tokens: 50 },
      timing: { ...timing, engineMs },
    },
  ],
  completionTokens: 8,
});

/** Real admission in front of a fleet whose time is a number: seconds of load take no time, and no other load disturbs it. */
const simulate = async (
  offers: readonly Offer[],
  forMs: number,
  seed = 3,
  promptMsAt: (atMs: number) => number = () => promptMs,
): Promise<readonly Seen[]> => {
  const clock = manualClock(1_000_000);
  const admission = createAdmission({
    ...{ sloClasses: classes, tenants: {}, queueMax: 1024, queueBytesMax: 1e9, clock },
    ...{ stageBacklogMs: 50, placesPercent: 125 },
    fleet: { views: () => fleet, revision: 0, changed: () => new Promise(() => undefined) },
    routers: () => 1,
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
    const ownMs = promptMsAt(clock.monotonicMs());
    idleFromMs = Math.max(idleFromMs, clock.monotonicMs() + wayMs / 2) + ownMs;
    const doneMs = idleFromMs + wayMs / 2;
    at(doneMs, () => {
      ticket.firstToken();
      seen.push({ offer, arrivedMs, ttftMs: doneMs - arrivedMs, refusedMs: undefined });
    });
    at(doneMs + decodeMs, () => {
      ticket.finished(accountOf(ownMs));
      ticket.release();
    });
  };
  const arrive = (atMs: number, offer: Offer): void => {
    const demand = { ...noDemand, requests: 1, cost: 60, prefillTokens: 50 };
    const asked = { ...offer, model: 'panel', path: 'staged' as const, demand };
    const deadlineMs = clock.nowMs() + 120_000;
    const patience = new AbortController();
    // The wait that is too long ends by a timer, and there is none in this time.
    at(atMs + classes[offer.sloClass].giveUpMs, () => patience.abort(new Error('waited')));
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

  const forMs = 60_000;
  /** Three times what the fleet can do: half of it interactive, all of it standard, the rest batch. */
  const threefold: readonly Offer[] = [
    { tenant: 'a', sloClass: 'interactive', perS: perS / 2 },
    { tenant: 'a', sloClass: 'standard', perS },
    { tenant: 'a', sloClass: 'batch', perS: perS * 1.5 },
  ];
  const isGood = ({ offer, ttftMs }: Seen): boolean =>
    ttftMs !== undefined && ttftMs <= classes[offer.sloClass].ttftMs;
  const of = (seen: readonly Seen[], sloClass: SloClassName): readonly Seen[] =>
    seen.filter(({ offer }) => offer.sloClass === sloClass);
  /** Refused after waiting, of all that were refused. */
  const lateRefusals = (seen: readonly Seen[]): number => {
    const refusals = seen.flatMap(({ refusedMs }) => (refusedMs === undefined ? [] : [refusedMs]));
    return refusals.filter((ms) => ms > 1).length / refusals.length;
  };

  it.each([1, 2, 3])(
    'answers as much of three times too much load as it can, as promised, and refuses the rest at once (seed %i)',
    async (seed) => {
      const seen = await simulate(threefold, forMs, seed);
      const good = seen.filter(isGood);
      const inTime = good.filter(({ arrivedMs, ttftMs }) => arrivedMs + (ttftMs ?? 0) <= forMs);
      expect(inTime.length / ((forMs / 1000) * perS)).toBeGreaterThan(0.9);
      const [interactive, batch] = [of(seen, 'interactive'), of(seen, 'batch')];
      expect(interactive.filter(isGood).length / interactive.length).toBeGreaterThanOrEqual(0.99);
      // Batch work has its turns: an eighth of all, nearly.
      expect(batch.filter(isGood).length).toBeGreaterThan((0.8 / 8) * (forMs / 1000) * perS);
      expect(lateRefusals(seen)).toBeLessThan(0.01);
      // Nor is it that what was let in is answered late instead.
      const answered = seen.filter(({ ttftMs }) => ttftMs !== undefined);
      expect(good.length / answered.length).toBeGreaterThan(0.95);
    },
  );

  it('goes on refusing at once when the fleet gets slower under its load', async () => {
    const slower = (atMs: number): number => (atMs < forMs / 2 ? promptMs : promptMs * 1.2);
    const seen = await simulate(threefold, forMs, 1, slower);
    expect(lateRefusals(seen)).toBeLessThan(0.01);
    const after = of(seen, 'interactive').filter(({ arrivedMs }) => arrivedMs > forMs / 2 + 2_000);
    expect(after.filter(isGood).length / after.length).toBeGreaterThan(0.95);
  });
});

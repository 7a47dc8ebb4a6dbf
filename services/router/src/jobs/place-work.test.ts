import { describe, expect, it } from '@jest/globals';
import { instanceId } from '@isotherm/kernel';
import {
  conservativeHeadroom,
  defaultRoutePolicy,
  type Headroom,
  type InstanceView,
  type RouteRequest,
} from '@isotherm/policy';
import type { Fleet } from '../fleet/fleet.ts';
import { placeWork } from './place-work.ts';

const stopped: Headroom = { ...conservativeHeadroom(0), conservative: false };
const request: RouteRequest = {
  ...{
    stage: 'prefill',
    model: 'panel',
    tokens: 10,
    contextTokens: 10,
    excluded: new Set(),
    cacheKeys: [],
  },
};
const view = (id: string, headroom: Headroom | undefined): InstanceView =>
  ({
    ...{ id: instanceId(id), stage: 'prefill', model: 'panel', ready: true, capacity: 1 },
    ...{ contextMax: 512, bookedTokens: 0, reportedTokens: 0, headroom },
  }) as InstanceView;

/** A fleet that nobody rings for; each look at it sees the next of these views, and then the last. */
const place = (...looks: readonly (readonly InstanceView[])[]) => {
  let look = 0;
  const fleet: Partial<Fleet> = {
    views: () => looks[Math.min(look++, looks.length - 1)] ?? [],
    book: () => ({ release: () => undefined }) as unknown as ReturnType<Fleet['book']>,
    changed: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      }),
  };
  const instanceWaitMs = looks.length > 1 ? 60_000 : 20;
  return placeWork(
    request,
    {
      ...{ fleet: fleet as Fleet, policy: defaultRoutePolicy, random: () => 0 },
      instanceWaitMs,
    },
    new AbortController().signal,
  );
};

describe('placing work while an emergency stops instances', () => {
  it('goes where nobody is stopped', async () => {
    const placed = await place([view('a', stopped), view('b', undefined)]);
    expect(placed.instance).toBe('b');
  });

  it('is refused with its reason and a time to come again where all are', async () => {
    await expect(place([view('a', stopped)])).rejects.toMatchObject({
      ...{ code: 'unavailable', retryAfterMs: 10_000 },
      message: expect.stringMatching(/emergency .* stopped all prefill instances/),
    });
  });

  it('says nothing of an emergency where there is simply nobody', async () => {
    await expect(place([])).rejects.toMatchObject({
      ...{ code: 'unavailable', retryAfterMs: undefined },
    });
  });

  it('waits for one to be let go, though nobody rings', async () => {
    const placed = await place([view('a', stopped)], [view('a', undefined)]);
    expect(placed.instance).toBe('a');
  });

  it('goes on where the thermal service stopped all and was not heard of since', async () => {
    const placed = await place([view('a', conservativeHeadroom(0))]);
    expect(placed.instance).toBe('a');
  });
});

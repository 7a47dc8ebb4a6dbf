import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { watchLoopDelay } from './loop-delay.ts';

describe('the delay of the event loop', () => {
  it('shows work that kept the loop from turning, for as long as the window lasts', async () => {
    const loop = watchLoopDelay(300);
    await delay(20);
    const endMs = performance.now() + 120;
    while (performance.now() < endMs);
    await delay(20);
    expect(loop.p99Ms()).toBeGreaterThan(80);
    loop.close();
  });
});

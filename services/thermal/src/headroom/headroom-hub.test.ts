import { describe, expect, it } from '@jest/globals';
import { createHeadroomHub, type HeadroomMessage } from './headroom-hub.ts';
import type { InstanceHeadroom } from './instance-headroom.ts';

const headroom = (instanceId: string, powerShare: number): InstanceHeadroom => ({
  ...{ instanceId, place: 's1/0', horizons: [], powerShare, coreShare: 1, memoryShare: 1 },
  binding: { level: 'row', id: 'r1' },
  ...{ conservative: false, reason: '', clockShare: 1 },
});

const open = () => {
  const hub = createHeadroomHub({ watchersMax: 2, wholeMs: 1_000 });
  const told: HeadroomMessage[] = [];
  let ready: (() => void) | undefined;
  const slow = { on: false };
  const stop = hub.watch((message, whenReady) => {
    told.push(message);
    ready = whenReady;
    return !slow.on;
  }, 0);
  return { hub, told, slow, stop, drain: () => ready?.() };
};

const ids = (message: HeadroomMessage | undefined) =>
  message?.instances.map(({ instanceId }) => instanceId);

describe('the hub of headroom', () => {
  it('tells all first, then what changed, then all again', () => {
    const { hub, told } = open();
    hub.publish([headroom('one', 0.5), headroom('two', 0.5)], 1);
    hub.publish([headroom('one', 0.4), headroom('two', 0.501)], 2);
    hub.publish([headroom('one', 0.4), headroom('two', 0.501)], 1_001);
    expect(told.map(({ whole }) => whole)).toEqual([true, false, true]);
    expect(told.map(ids)).toEqual([['one', 'two'], ['one'], ['one', 'two']]);
  });

  it('tells small changes once they add up', () => {
    const { hub, told } = open();
    [0.5, 0.497, 0.494].forEach((share, at) => hub.publish([headroom('one', share)], at + 1));
    expect(told.map(ids)).toEqual([['one'], [], ['one']]);
  });

  it('goes on telling after the clock has jumped back', () => {
    const { hub, told } = open();
    hub.publish([headroom('one', 0.5)], 3_600_000);
    hub.publish([headroom('one', 0.4)], 1_000);
    expect(told.map(ids)).toEqual([['one'], ['one']]);
  });

  it('names who is gone', () => {
    const { hub, told } = open();
    hub.publish([headroom('one', 0.5), headroom('two', 0.5)], 1);
    hub.publish([headroom('two', 0.5)], 2);
    expect(told[1]).toMatchObject({ removed: ['one'], instances: [] });
  });

  it('keeps nothing for a slow watcher and then tells it the newest only', () => {
    const { hub, told, slow, drain } = open();
    slow.on = true;
    hub.publish([headroom('one', 0.9)], 1);
    for (let at = 2; at < 500; at += 1) hub.publish([headroom('one', at / 500)], at);
    expect(told).toHaveLength(1);
    slow.on = false;
    drain();
    expect(told).toHaveLength(2);
    expect(told[1]?.instances[0]?.powerShare).toBe(499 / 500);
  });

  it('takes no more watchers than it may, and forgets those that left', () => {
    const { hub, stop } = open();
    hub.watch(() => true, 0);
    expect(() => hub.watch(() => true, 0)).toThrow(expect.objectContaining({ code: 'saturated' }));
    stop();
    hub.watch(() => true, 0);
    expect(hub.watchers).toBe(2);
  });
});

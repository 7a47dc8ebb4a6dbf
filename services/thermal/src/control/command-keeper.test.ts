import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '@isotherm/runtime';
import { memoryHistory } from '../history/store.ts';
import { createCommandKeeper } from './command-keeper.ts';

const open = (store = memoryHistory()) => createCommandKeeper('key', store, silentLogger());

describe('the keeper of commands', () => {
  it('knows what an earlier process commanded, and the one before that', async () => {
    const store = memoryHistory();
    const first = open(store);
    for (const share of [0.3, 0.5, 0.7]) first.note('one', share);
    await first.flush();
    const second = open(store);
    await second.restore();
    expect([0.3, 0.5, 0.7].map((share) => second.isCommanded('one', share))).toEqual([
      ...[false, true, true],
    ]);
    expect(second.isCommanded('other', 0.5)).toBe(false);
    expect(first.isCommanded('one', 0.7)).toBe(false);
  });

  it('has nothing to bring back after a full clock, and of who is gone', async () => {
    const store = memoryHistory();
    const first = open(store);
    for (const id of ['one', 'two', 'three']) first.note(id, 0.5);
    await first.flush();
    first.note('one', 1);
    first.keepOnly(new Set(['one', 'three']));
    await first.flush();
    const second = open(store);
    await second.restore();
    expect(['one', 'two', 'three'].map((id) => second.isCommanded(id, 0.5))).toEqual([
      ...[false, false, true],
    ]);
  });

  it('knows what was configured where something else was told to be loaded, now and after a restart', async () => {
    const [home, loaded] = ['fp32', 'int8'].map((precision) => ({
      ...{ model: 'panel', precision, threads: 1 },
    }));
    if (home === undefined || loaded === undefined) throw new Error('two variants');
    const store = memoryHistory();
    const first = open(store);
    first.note('one', 1);
    first.noteLoad('one', loaded, home);
    first.note('one', 1);
    expect(first.homeOf('one', loaded)).toEqual(home);
    await first.flush();
    const second = open(store);
    await second.restore();
    expect(second.homeOf('one', loaded)).toEqual(home);
    expect(second.homeOf('one', home)).toBeUndefined();
    expect(second.homeOf('two', loaded)).toBeUndefined();
  });

  it('reads the clocks of a version that wrote nothing else', async () => {
    const store = memoryHistory();
    await store.put('key', Buffer.from('{"one": [0.5]}'), 1);
    const keeper = open(store);
    await keeper.restore();
    expect(keeper.isCommanded('one', 0.5)).toBe(true);
  });

  it.each([
    '',
    '7',
    'null',
    '{"one": 0.5}',
    '{"one": ["x", null]}',
    '{"one": {"loads": [{"home": 3}]}}',
  ])('knows nothing after %j, or where nothing was written', async (text) => {
    const store = memoryHistory();
    await open(store).restore();
    await store.put('key', Buffer.from(text), 1);
    const keeper = open(store);
    await keeper.restore();
    expect(keeper.isCommanded('one', 0.5)).toBe(false);
  });
});

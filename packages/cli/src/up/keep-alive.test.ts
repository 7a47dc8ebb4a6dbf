import { deferred } from '@isotherm/kernel';
import type { ServiceProcess } from '@isotherm/stack';
import { describe, expect, it } from '@jest/globals';
import { keepAlive } from './keep-alive.ts';
import type { System } from './system.ts';
import type { UpEvent } from './up-event.ts';

/** A process that dies when told to. */
const mortal = (pid: number) => {
  const exited = deferred<number | null>();
  const process: ServiceProcess = {
    service: 'decode',
    pid,
    ready: { address: '' },
    exited: exited.promise,
    alive: () => true,
    kill: () => undefined,
    stop: () => exited.promise,
  };
  return { process, die: (code: number | null) => exited.resolve(code) };
};

const startedSystem = () => {
  const born = [mortal(1)];
  const system: System = {
    where: () => ({ http: 'http://h:1', grpc: 'g:2' }),
    processes: () => born.map(({ process }) => process),
    replace: () => {
      const next = mortal(born.length + 1);
      born.push(next);
      return Promise.resolve(next.process);
    },
    ...{ starting: () => 0, thermal: () => '' },
    stop: () => Promise.resolve(),
  };
  return { system, born };
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('keepAlive', () => {
  it('restarts what dies three times, says so, and gives up at the fourth', async () => {
    const { system, born } = startedSystem();
    const events: UpEvent[] = [];
    const { gaveUp } = keepAlive(
      system,
      (event) => void events.push(event),
      new AbortController().signal,
    );
    for (let death = 0; death < 4; death++) {
      born.at(-1)?.die(null);
      await turn();
    }
    await expect(gaveUp).resolves.toMatch(/decode died, and 3 restarts a minute is the most/);
    expect(born).toHaveLength(4);
    expect(events.map(({ kind }) => kind)).toEqual([
      ...['died', 'restarted', 'died', 'restarted', 'died', 'restarted', 'died'],
    ]);
  });

  it('lets go what was drained', async () => {
    const { system, born } = startedSystem();
    const events: UpEvent[] = [];
    const stop = new AbortController();
    void keepAlive(system, (event) => void events.push(event), stop.signal);
    born[0]?.die(0);
    await turn();
    expect(born).toHaveLength(1);
    expect(events).toEqual([{ kind: 'drained', service: 'decode', pid: 1 }]);
    stop.abort();
  });

  it('looks after what was added later, as after the first', async () => {
    const { system, born } = startedSystem();
    const stop = new AbortController();
    const { watch } = keepAlive(system, () => undefined, stop.signal);
    watch(await system.replace('decode'));
    born[1]?.die(null);
    await turn();
    expect(born).toHaveLength(3);
    stop.abort();
  });

  it('lets go when it is told to stop', async () => {
    const { system, born } = startedSystem();
    const stop = new AbortController();
    const { gaveUp } = keepAlive(system, () => undefined, stop.signal);
    stop.abort();
    born[0]?.die(0);
    await expect(gaveUp).resolves.toBeUndefined();
    await turn();
    expect(born).toHaveLength(1);
  });
});

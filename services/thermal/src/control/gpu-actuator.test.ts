import { describe, expect, it } from '@jest/globals';
import { manualClock } from '@isotherm/kernel';
import { silentLogger } from '@isotherm/runtime';
import { createGpuActuator } from './gpu-actuator.ts';

const options = {
  ...{ command: 'nvidia-smi', clockMaxMhz: 1980, powerMaxW: 700, intervalMs: 1_000 },
};

const open = (dryRun: boolean) => {
  const clock = manualClock(0);
  const ran: string[] = [];
  const run = (command: string, words: readonly string[]): Promise<unknown> => {
    ran.push([command, ...words].join(' '));
    return Promise.resolve();
  };
  const actuator = createGpuActuator({ ...options, dryRun }, run, clock, silentLogger());
  return { clock, ran, actuator };
};

describe('the actuator of GPUs', () => {
  it('locks clocks and limits power, once, and gives both back', () => {
    const { clock, ran, actuator } = open(false);
    actuator.reconcile(new Map([[3, { clockShare: 0.5, powerLimitW: 450 }]]));
    actuator.reconcile(new Map([[3, { clockShare: 0.5, powerLimitW: 450 }]]));
    expect(ran).toEqual(['nvidia-smi -i 3 -lgc 0,990', 'nvidia-smi -i 3 -pl 450']);
    clock.advance(1_000);
    actuator.reconcile(new Map());
    expect(ran.slice(2)).toEqual(['nvidia-smi -i 3 -rgc', 'nvidia-smi -i 3 -pl 700']);
  });

  it('waits between two commands to one GPU', () => {
    const { clock, ran, actuator } = open(false);
    actuator.reconcile(new Map([[0, { clockShare: 0.5 }]]));
    actuator.reconcile(new Map([[0, { clockShare: 0.6 }]]));
    expect(ran).toHaveLength(1);
    clock.advance(1_000);
    actuator.reconcile(new Map([[0, { clockShare: 0.6 }]]));
    expect(ran[1]).toBe('nvidia-smi -i 0 -lgc 0,1188');
  });

  it('runs nothing in a dry run', () => {
    const { ran, actuator } = open(true);
    actuator.reconcile(new Map([[0, { clockShare: 0.5 }]]));
    expect(ran).toEqual([]);
  });
});

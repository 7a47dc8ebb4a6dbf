import { describe, expect, it } from '@jest/globals';
import { instanceId, type Stage } from '@isotherm/kernel';
import type { InstanceRecord } from '@isotherm/lanes';
import { othersOf, sharedProcesses } from './shared-process.ts';

const recordOf = (id: string, stage: Stage, processId?: string): InstanceRecord => ({
  ...{ id: instanceId(id), stage, model: 'panel', address: `${id}:1`, capacity: 1 },
  ...{ contextMax: 512, startedMs: 0, state: 'serving' },
  ...(processId !== undefined && { processId }),
});

describe('processes that several stages share', () => {
  it('are told by what their instances announce; alone is who has a process of its own', () => {
    const records = [
      ...[recordOf('a', 'encode', 'one'), recordOf('b', 'prefill', 'one')],
      ...[recordOf('c', 'encode', 'two'), recordOf('d', 'encode', 'two'), recordOf('e', 'decode')],
    ];
    const shared = sharedProcesses(records.map((record) => ({ record })));
    const others = records.map((record) => [...othersOf(record, shared)]);
    expect(others).toEqual([['prefill'], ['encode'], [], [], []]);
  });
});

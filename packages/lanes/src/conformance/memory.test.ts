import { describe } from '@jest/globals';
import { memoryFabric } from '../memory/memory-fabric.ts';
import { describeFabric } from './fabric-conformance.ts';
import type { FabricHarness } from './harness.ts';
import { recorder } from './recorder.ts';

const harness: FabricHarness = {
  slackMs: 300,
  open: async (options = {}) => {
    const fabric = memoryFabric(options);
    return {
      ...fabric,
      doomedConsumer: async (lane, concurrency) => {
        const seen = recorder<string>();
        const consumer = await fabric.lanes.consume(
          lane,
          ({ id }) => {
            seen.push(id);
            return new Promise(() => {});
          },
          { concurrency },
        );
        return {
          taken: async (count) => void (await seen.count(count)),
          kill: async () => fabric.crash(consumer),
        };
      },
      doomedInstance: async (record) => {
        const registration = await fabric.registry.announce(record);
        return { taken: async () => {}, kill: async () => fabric.crash(registration) };
      },
    };
  },
};

describe('in-memory fabric', () => {
  describeFabric(harness);
});

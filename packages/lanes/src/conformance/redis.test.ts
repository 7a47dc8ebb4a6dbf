import { afterAll, describe } from '@jest/globals';
import { redisFabric } from '../redis/redis-fabric.ts';
import { doomedChild } from './doomed-child.ts';
import { describeFabric } from './fabric-conformance.ts';
import type { Doomed, FabricHarness } from './harness.ts';
import { redisUnderTest } from './redis-under-test.ts';

const under = await redisUnderTest();

const harnessOn = (url: string): FabricHarness => {
  let opened = 0;
  return {
    slackMs: 1_000,
    open: async ({ limits = {}, report } = {}) => {
      const prefix = `isotherm-conformance-${process.pid}-${opened++}`;
      const options = { url, prefix, limits };
      const fabric = await redisFabric(report === undefined ? options : { ...options, report });
      const children: Doomed[] = [];
      const doom = async (role: Parameters<typeof doomedChild>[0]['role']): Promise<Doomed> => {
        const child = await doomedChild({ ...options, role });
        children.push(child);
        return child;
      };
      return {
        ...fabric,
        doomedConsumer: (lane, concurrency) => doom({ kind: 'consumer', lane, concurrency }),
        doomedInstance: (record) => doom({ kind: 'instance', record }),
        close: async () => {
          await Promise.all(children.map((child) => child.kill()));
          await fabric.close();
        },
      };
    },
  };
};

if (under.kind === 'missing') {
  describe.skip(`Redis fabric: NOT TESTED. ${under.reason}`, () => {
    describeFabric(harnessOn('redis://127.0.0.1:1'));
  });
} else {
  const { redis } = under;
  describe(`Redis fabric on ${redis.how}`, () => {
    afterAll(() => redis.stop());
    describeFabric(harnessOn(redis.url));
  });
}

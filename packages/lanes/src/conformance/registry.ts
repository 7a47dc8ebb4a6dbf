import { describe, expect, it } from '@jest/globals';
import type { InstanceRecord, RouterRecord } from '../port.ts';
import type { FabricHarness } from './harness.ts';
import { idsOf, record, withFabric } from './harness.ts';
import { recorder } from './recorder.ts';

const limits = { heartbeatMs: 100, expiryMs: 400 };

export const describeRegistry = (harness: FabricHarness): void => {
  describe('registry', () => {
    it('lists who has announced itself, in the order of their ids, until withdrawal', () =>
      withFabric(harness)(async ({ registry }) => {
        expect(await registry.list()).toEqual([]);
        const two = await registry.announce(record('two', { stage: 'decode' }));
        await registry.announce(record('one'));
        expect(await registry.list()).toEqual([record('one'), record('two', { stage: 'decode' })]);
        await two.update(record('two', { state: 'draining' }));
        expect((await registry.list())[1]).toEqual(record('two', { state: 'draining' }));
        await two.withdraw();
        await two.withdraw();
        await two.update(record('two'));
        expect(await registry.list()).toEqual([record('one')]);
      }));

    it('keeps an entry alive by heartbeats', () =>
      withFabric(harness, { limits })(async ({ registry }) => {
        const seen = recorder<readonly InstanceRecord[]>();
        await registry.announce(record('alive'));
        await registry.watch(seen.push);
        // Twice the expiry has to pass: there is no event for something that must not be.
        await new Promise((resolve) => setTimeout(resolve, 2 * limits.expiryMs));
        expect(await registry.list()).toEqual([record('alive')]);
        expect(seen.items.map(idsOf)).toEqual([['alive']]);
      }));

    it('tells watchers at once what there is, and soon what changes', () =>
      withFabric(harness, { limits: { heartbeatMs: 5_000, expiryMs: 20_000 } })(
        async ({ registry }) => {
          await registry.announce(record('early'));
          const seen = recorder<readonly InstanceRecord[]>();
          const watch = await registry.watch(seen.push);
          expect(seen.items).toEqual([[record('early')]]);

          const startedMs = performance.now();
          const late = await registry.announce(record('late'));
          await seen.first((records) => records.length === 2);
          await late.update(record('late', { state: 'draining' }));
          await seen.first((records) => records.some(({ state }) => state === 'draining'));
          await late.withdraw();
          await seen.first((records) => records.length === 1 && seen.items.length > 1);
          // Far below the poll of 5 s: it was told, not found out.
          expect(performance.now() - startedMs).toBeLessThan(1_000);

          await watch.close();
          const told = seen.items.length;
          const other = recorder<readonly InstanceRecord[]>();
          await registry.watch(other.push);
          await registry.announce(record('unseen'));
          await other.first((records) => records.length === 2);
          expect(seen.items.length).toBe(told);
        },
      ));

    it('tells watchers when an entry has expired because its process died', () =>
      withFabric(harness, { limits })(async (fabric) => {
        const { registry } = fabric;
        const seen = recorder<readonly InstanceRecord[]>();
        await registry.announce(record('survivor'));
        const doomed = await fabric.doomedInstance(record('dead'));
        await registry.watch(seen.push);
        expect(idsOf(seen.items[0] ?? [])).toEqual(['dead', 'survivor']);
        await doomed.kill();
        const killedMs = performance.now();
        await seen.first((records) => records.length === 1);
        const noticedMs = performance.now() - killedMs;
        expect(noticedMs).toBeLessThan(limits.expiryMs + limits.heartbeatMs + harness.slackMs);
        expect(await registry.list()).toEqual([record('survivor')]);
      }));

    it('goes on when a watcher throws', async () => {
      const problems = recorder<{ readonly kind: string }>();
      await withFabric(harness, { report: problems.push })(async ({ registry }) => {
        const seen = recorder<readonly InstanceRecord[]>();
        await registry.watch(() => {
          throw new Error('watcher');
        });
        await registry.watch(seen.push);
        await registry.announce(record('one'));
        await seen.first((records) => records.length === 1);
        expect(problems.items[0]).toMatchObject({ kind: 'watch_failed' });
      });
    });

    it('keeps routers apart from instances, by the same rules', () =>
      withFabric(harness)(async ({ registry, routers }) => {
        const router: RouterRecord = {
          ...{ id: 'same', address: '127.0.0.1:1', startedMs: 1, state: 'serving' },
        };
        const seen = recorder<readonly RouterRecord[]>();
        const instancesSeen = recorder<readonly InstanceRecord[]>();
        await routers.watch(seen.push);
        await registry.watch(instancesSeen.push);
        const entry = await routers.announce(router);
        await registry.announce(record('same'));
        expect(await routers.list()).toEqual([router]);
        expect(await registry.list()).toEqual([record('same')]);
        await entry.update({ ...router, state: 'draining' });
        await seen.first((records) => records[0]?.state === 'draining');
        await instancesSeen.first((records) => records.length === 1);
        await entry.withdraw();
        await seen.first((records) => records.length === 0 && seen.items.length > 1);
        expect(await registry.list()).toEqual([record('same')]);
      }));

    it('refuses to announce once it is closed', () =>
      withFabric(harness)(async ({ registry }) => {
        await registry.close();
        const announcing = registry.announce(record('late'));
        await expect(announcing).rejects.toMatchObject({ code: 'unavailable' });
      }));
  });
};

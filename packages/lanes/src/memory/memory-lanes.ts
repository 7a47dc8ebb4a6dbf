import { Fault } from '@isotherm/kernel';
import { assertConcurrency, type ReportProblem } from '../fabric.ts';
import type {
  ConsumeOptions,
  FabricLimits,
  LaneConsumer,
  LaneHandler,
  LaneName,
  LaneSender,
  Lanes,
} from '../port.ts';
import { memoryLane, type LaneTaker, type MemoryLane } from './memory-lane.ts';

export interface MemoryLanes extends Lanes {
  /** The consumer stops as though its process had died; `false` if it is none of these lanes'. */
  crash(consumer: LaneConsumer): boolean;
}

interface OpenConsumer {
  readonly lane: MemoryLane;
  readonly taker: LaneTaker;
}

export const memoryLanes = (limits: FabricLimits, report: ReportProblem): MemoryLanes => {
  const lanes = new Map<LaneName, MemoryLane>();
  const consumers = new Map<LaneConsumer, OpenConsumer>();
  const stalledTimers = new Set<NodeJS.Timeout>();
  let closed = false;

  const laneOf = (name: LaneName): MemoryLane => {
    const existing = lanes.get(name);
    if (existing !== undefined) return existing;
    const created = memoryLane(name, limits.laneDepthMax, report);
    lanes.set(name, created);
    return created;
  };

  const sender = <Body>(name: LaneName): LaneSender<Body> => {
    let senderClosed = false;
    return {
      add: async (job) =>
        senderClosed || closed ? { kind: 'rejected', reason: 'closed' } : laneOf(name).add(job),
      remove: async (id) => lanes.get(name)?.remove(id) ?? false,
      holds: async (id) => lanes.get(name)?.holds(id) ?? false,
      depth: async () => lanes.get(name)?.depth() ?? 0,
      close: async () => {
        senderClosed = true;
      },
    };
  };

  const consume = async <Body>(
    name: LaneName,
    handler: LaneHandler<Body>,
    { concurrency }: ConsumeOptions,
  ): Promise<LaneConsumer> => {
    assertConcurrency(concurrency);
    if (closed) throw new Fault('unavailable', 'The lanes are closed.');
    const lane = laneOf(name);
    const waiters: (() => void)[] = [];
    const taker: LaneTaker = {
      handler: (delivery) => handler({ ...delivery, body: delivery.body as Body }),
      concurrency,
      running: new Set(),
      state: 'taking',
      settled: () => {
        if (taker.running.size > 0) return;
        for (const resolve of waiters.splice(0)) resolve();
      },
    };
    const pause = async (): Promise<void> => {
      if (taker.state === 'taking') taker.state = 'paused';
      if (taker.state === 'dead' || taker.running.size === 0) return;
      await new Promise<void>((resolve) => waiters.push(resolve));
    };
    const consumer: LaneConsumer = {
      // What is added here begins at once as it is.
      ahead: () => false,
      pause,
      close: async () => {
        await pause();
        lane.detach(taker);
        consumers.delete(consumer);
      },
    };
    consumers.set(consumer, { lane, taker });
    lane.attach(taker);
    return consumer;
  };

  const crash = (consumer: LaneConsumer): boolean => {
    const open = consumers.get(consumer);
    if (open === undefined) return false;
    const { lane, taker } = open;
    taker.state = 'dead';
    lane.detach(taker);
    consumers.delete(consumer);
    const timer = setTimeout(() => {
      stalledTimers.delete(timer);
      lane.redeliver(taker);
    }, limits.stalledMs);
    stalledTimers.add(timer.unref());
    return true;
  };

  return {
    sender,
    consume,
    crash,
    obliterate: async (name) => lanes.get(name)?.clear(),
    healthy: () => !closed,
    close: async () => {
      closed = true;
      await Promise.all([...consumers.keys()].map((consumer) => consumer.close()));
      for (const timer of stalledTimers) clearTimeout(timer);
      stalledTimers.clear();
      lanes.clear();
    },
  };
};

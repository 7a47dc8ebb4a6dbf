import { randomUUID } from 'node:crypto';
import { type Clock, jobId } from '@isotherm/kernel';
import { controlLaneName, type Fabric, type LaneSender } from '@isotherm/lanes';
import type { ReconfigureRequestInput } from '@isotherm/proto';
import type { Logger } from '@isotherm/runtime';
import type { PlacedInstance } from '../instances/instance-book.ts';

/** How an instance is to run; what is absent is left as it is. */
export interface WantedConfiguration {
  readonly clockShare?: number;
  readonly batchMax?: number;
  readonly precision?: string;
  readonly model?: string;
  readonly threads?: number;
  /** How long it takes to load that, in milliseconds. */
  readonly loadMs?: number;
}

export type CommandOutcome = 'pending' | 'followed' | 'failed';

/** Brings instances to run as they are wanted to, by commands through their control lanes. */
export interface Actuator {
  /** Sends what differs, and looks whether what was sent is followed. */
  reconcile(
    instances: readonly PlacedInstance[],
    wanted: ReadonlyMap<string, WantedConfiguration>,
  ): void;
  outcomeOf(instance: string): CommandOutcome;
  /** Commands sent, followed and given up since the start. */
  readonly counts: Readonly<Record<'sent' | 'followed' | 'failed', number>>;
  close(): Promise<void>;
}

export interface ActuatorOptions {
  readonly retriesMax: number;
  /** Longest wait for an instance to follow, in milliseconds. */
  readonly followMsMax: number;
  /** Shortest time between two commands to one instance, in milliseconds. */
  readonly intervalMs: number;
  /** Whether a service before this one told the instance to run at this clock: then it is brought back. */
  readonly isCommandedBefore: (instance: string, clockShare: number) => boolean;
  /** Hears of each clock that is commanded, before it is. */
  readonly note: (instance: string, clockShare: number) => void;
}

interface Told {
  readonly wanted: WantedConfiguration;
  readonly sender: LaneSender<ReconfigureRequestInput>;
  sentMs: number;
  retries: number;
  outcome: CommandOutcome;
}

/** A clock share that differs by less is the same. */
const clockNoise = 0.02;

export const createActuator = (
  fabric: Fabric,
  options: ActuatorOptions,
  clock: Clock,
  logger: Logger,
): Actuator => {
  const told = new Map<string, Told>();
  /** Whose load was known once. */
  const seen = new Set<string>();
  const counts = { sent: 0, followed: 0, failed: 0 };

  const send = (instance: PlacedInstance, one: Told): void => {
    one.sentMs = clock.monotonicMs();
    one.outcome = 'pending';
    counts.sent += 1;
    options.note(instance.record.id, one.wanted.clockShare ?? 1);
    const id = jobId(`reconfigure-${randomUUID()}`);
    // Full commands, not changes: one that is lost or late is made good by the next.
    const { loadMs: _, ...wanted } = one.wanted;
    const body = { clockShare: 1, batchMax: 0, ...wanted };
    one.sender.add({ id, body }).then(
      (outcome) => {
        if (outcome.kind === 'rejected') {
          logger.warn({ instance: instance.record.id, reason: outcome.reason }, 'command refused');
        }
      },
      (error: unknown) => {
        logger.warn({ instance: instance.record.id, err: error }, 'command not sent');
      },
    );
  };

  /** What is loaded on a busy machine may take twice its time. */
  const waitMs = ({ wanted }: Told): number => options.followMsMax + 2 * (wanted.loadMs ?? 0);

  const look = (instance: PlacedInstance, one: Told): void => {
    if (one.outcome !== 'pending') return;
    if (follows(instance, one.wanted)) {
      one.outcome = 'followed';
      counts.followed += 1;
    } else if (clock.monotonicMs() - one.sentMs < waitMs(one)) return;
    else if (one.retries < options.retriesMax) {
      one.retries += 1;
      send(instance, one);
    } else {
      one.outcome = 'failed';
      counts.failed += 1;
      logger.warn({ instance: instance.record.id, wanted: one.wanted }, 'command not followed');
    }
  };

  /** An instance that is seen for the first time, and runs slower than wanted because a service before this one told it to. */
  const isFoundSlow = ({ record, load }: PlacedInstance, next: WantedConfiguration): boolean => {
    if (load === undefined || seen.has(record.id)) return false;
    seen.add(record.id);
    const isSlow = load.clockShare < (next.clockShare ?? 1) - clockNoise;
    return isSlow && options.isCommandedBefore(record.id, load.clockShare);
  };

  return {
    reconcile: (instances, wanted) => {
      const living = new Map(instances.map((each) => [each.record.id as string, each]));
      for (const [id, { sender }] of told) {
        if (living.has(id)) continue;
        told.delete(id);
        void sender.close().catch(() => undefined);
      }
      for (const id of seen) if (!living.has(id)) seen.delete(id);
      for (const [id, instance] of living) {
        const known = told.get(id);
        const next = wanted.get(id);
        if (next === undefined || (known !== undefined && isSame(known.wanted, next))) {
          if (known !== undefined) look(instance, known);
          continue;
        }
        const isSlow = isFoundSlow(instance, next);
        if (known === undefined && isDefault(next) && !isSlow) continue;
        if (known !== undefined && clock.monotonicMs() - known.sentMs < options.intervalMs)
          continue;
        const sender = known?.sender ?? fabric.lanes.sender(controlLaneName(instance.record.id));
        const one: Told = { wanted: next, sender, sentMs: 0, retries: 0, outcome: 'pending' };
        told.set(id, one);
        send(instance, one);
      }
    },
    outcomeOf: (id) => told.get(id)?.outcome ?? 'followed',
    counts,
    close: async () => {
      await Promise.all(
        [...told.values()].map(({ sender }) => sender.close().catch(() => undefined)),
      );
      told.clear();
    },
  };
};

const isSame = (one: WantedConfiguration, other: WantedConfiguration): boolean =>
  one.batchMax === other.batchMax &&
  one.precision === other.precision &&
  one.model === other.model &&
  one.threads === other.threads &&
  isSameClock(one.clockShare ?? 1, other.clockShare ?? 1);

/** A full clock is worth a command of its own, however near the last one was. */
const isSameClock = (one: number, other: number): boolean =>
  one === other || (Math.abs(one - other) < clockNoise && one !== 1 && other !== 1);

const isDefault = (wanted: WantedConfiguration): boolean => {
  const { clockShare = 1, batchMax, precision, model, threads } = wanted;
  return clockShare === 1 && [batchMax, precision, model, threads].every((each) => !each);
};

/** By what the instance says of itself. */
const follows = ({ load }: PlacedInstance, wanted: WantedConfiguration): boolean => {
  if (load === undefined) return false;
  if (Math.abs(load.clockShare - (wanted.clockShare ?? 1)) >= clockNoise) return false;
  const { batchMax = 0, precision, model, threads } = wanted;
  return (
    load.batchMax === batchMax &&
    (precision === undefined || load.precision === precision) &&
    (model === undefined || load.model === model) &&
    (threads === undefined || load.threads === threads)
  );
};

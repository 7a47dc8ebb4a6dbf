import { type Clock, Fault } from '@isotherm/kernel';
import {
  refusalCodes,
  type RefusalReason,
  type SloClassName,
  sloClassNames,
} from '@isotherm/policy';
import type { Fleet } from '../fleet/fleet.ts';
import type { RouterSettings } from '../settings.ts';
import { createFleetSize } from './fleet-size.ts';
import { type AnswerPath, createLoadLedger } from './load-ledger.ts';
import type { Asking } from './gate-options.ts';
import { createModelGate, type ModelGate } from './model-gate.ts';
import { createTenantBook } from './tenant-book.ts';
import type { Ticket } from './ticket.ts';

export type AdmissionSettings = Pick<
  RouterSettings,
  'sloClasses' | 'tenants' | 'queueMax' | 'queueBytesMax' | 'stageBacklogMs' | 'placesPercent'
>;

export interface AdmissionOptions extends AdmissionSettings {
  readonly clock: Clock;
  readonly fleet: Pick<Fleet, 'views' | 'revision' | 'changed'>;
  /** Routers that take requests, this one among them: they share the fleet. */
  routers(): number;
}

/** What became of the requests of a class since the start. */
export interface ClassCounts {
  waiting: number;
  admitted: number;
  /** Of those, let in before more urgent ones because their class was overdue. */
  promoted: number;
  /** First tokens within the class's target, and after it; both with the time in the queue. */
  inTime: number;
  late: number;
  /** Answers whose tokens came within the class's time a token, as the mean after the first one, and that did not. */
  tokensInTime: number;
  tokensLate: number;
}

const noCounts: ClassCounts = {
  ...{ waiting: 0, admitted: 0, promoted: 0 },
  ...{ inTime: 0, late: 0, tokensInTime: 0, tokensLate: 0 },
};

export interface AdmissionStatus {
  readonly waiting: number;
  readonly waitingBytes: number;
  readonly classes: Readonly<Record<SloClassName, ClassCounts>>;
  readonly refused: Readonly<Record<RefusalReason, number>>;
}

/** In front of the fleet: who is let in, who waits, who is refused. */
export interface Admission {
  /** As `ModelGate.enter`, of the model that is asked for. */
  enter(
    asking: Asking & { readonly model: string; readonly path: AnswerPath },
    signal: AbortSignal,
  ): Promise<Ticket>;
  status(): AdmissionStatus;
  /** Whether requests wait. */
  crowded(): boolean;
  close(): void;
}

export const createAdmission = (options: AdmissionOptions): Admission => {
  const { clock, sloClasses, fleet, routers } = options;
  const gates = new Map<string, ModelGate>();
  const tenants = createTenantBook(options.tenants);
  const counts = Object.fromEntries(
    sloClassNames.map((name): [string, ClassCounts] => [name, { ...noCounts }]),
  ) as Record<SloClassName, ClassCounts>;
  const refused = Object.fromEntries(
    Object.keys(refusalCodes).map((reason) => [reason, 0]),
  ) as Record<RefusalReason, number>;
  const sumOf = (of: 'count' | 'bytes'): number =>
    [...gates.values()].reduce((sum, { room }) => sum + room[of], 0);
  const bounds = {
    countMax: options.queueMax,
    bytesMax: options.queueBytesMax,
    count: () => sumOf('count'),
    bytes: () => sumOf('bytes'),
  };

  const open = (model: string, path: AnswerPath): ModelGate => {
    const { stageBacklogMs, placesPercent } = options;
    const takes = path === 'staged' ? 'tensors' : 'conversation';
    const nowMs = (): number => clock.monotonicMs();
    const size = createFleetSize({ model, takes, fleet, routers, nowMs });
    const ledger = createLoadLedger({ path, size, placesPercent });
    return createModelGate({
      ...{ ledger, tenants, clock, bounds, stageBacklogMs },
      classes: sloClasses,
      listener: {
        refused: (_, reason) => (refused[reason] += 1),
        admitted: ({ sloClass }, how) => {
          counts[sloClass].admitted += 1;
          if (how === 'promoted') counts[sloClass].promoted += 1;
        },
        firstToken: ({ sloClass }, inTime) => {
          if (inTime) counts[sloClass].inTime += 1;
          else counts[sloClass].late += 1;
        },
        answered: ({ sloClass }, inTime) => {
          if (inTime) counts[sloClass].tokensInTime += 1;
          else counts[sloClass].tokensLate += 1;
        },
      },
    });
  };
  /** One for each model: their number is bounded by that of the models that are known. */
  const gateOf = (model: string, path: AnswerPath): ModelGate => {
    const key = `${path} ${model}`;
    const gate = gates.get(key) ?? open(model, path);
    gates.set(key, gate);
    return gate;
  };

  const closing = new AbortController();
  const followFleet = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await fleet.changed(closing.signal);
      for (const gate of gates.values()) gate.pump();
    }
  };
  void followFleet();

  return {
    enter: (asking, signal) => gateOf(asking.model, asking.path).enter(asking, signal),
    crowded: () => sumOf('count') > 0,
    status: () => {
      for (const name of sloClassNames) {
        const waiting = [...gates.values()].map(({ room }) => room.countIn(name));
        counts[name].waiting = waiting.reduce((sum, count) => sum + count, 0);
      }
      return {
        waiting: sumOf('count'),
        waitingBytes: sumOf('bytes'),
        classes: counts,
        refused,
      };
    },
    close: () => {
      closing.abort();
      const fault = new Fault('unavailable', 'The router is shutting down.');
      for (const gate of gates.values()) gate.close(fault);
    },
  };
};

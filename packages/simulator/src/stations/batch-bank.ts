import type { Simulation } from '../engine/simulation.ts';
import type { Host } from '../host/host.ts';
import { type StageCost, stretchOf } from './stage-cost.ts';
import type { Job, StationBank } from './station-bank.ts';
import { createUsage, type UsageKind, usageKinds } from './usage.ts';
import { createPatientLines, type Patience } from './patient-lines.ts';
import { createWaitingLines, type QueueOrder } from './waiting-lines.ts';

export interface BatchBankOptions {
  readonly stations: number;
  readonly kind: UsageKind;
  readonly cost: StageCost;
  /** Batches that a station runs at once; 1 where absent. */
  readonly units?: number;
  /** `first-come` where absent. */
  readonly order?: QueueOrder;
  /** Instead of an order: short ones first, with patience that ends. */
  readonly patience?: Patience;
  /** Whose cores the units share; absent: each has one of its own. */
  readonly host?: Host;
  /** Tokens of a job at this stage. */
  tokensOf(job: Job): number;
  /** What the order goes by; tokens of the job where absent. */
  sizeOf?(job: Job): number;
  /** What else a job takes there before its batch, in milliseconds at full clock. */
  beforeMsOf?(job: Job): number;
  onDone(station: number, job: Job): void;
}

/**
 * Stations that work through batches: when a unit is free it takes all that waits, up to the most that goes at once, and all
 * of it is done at the same time. How encoders work, and prefill instances.
 */
export const createBatchBank = (
  { time, add }: Simulation,
  options: BatchBankOptions,
): StationBank => {
  const { stations, cost, tokensOf, units = 1 } = options;
  const { batchMax, tokensMax = Infinity } = cost;
  const kind = usageKinds.indexOf(options.kind);
  const { patience } = options;
  const sizeOf = options.sizeOf ?? tokensOf;
  const lines =
    patience === undefined
      ? createWaitingLines(stations, options.order ?? 'first-come', sizeOf)
      : createPatientLines(stations, patience, tokensOf);
  const usage = createUsage(time, stations);
  /** Of each unit of each station: the jobs in its batch, and how many. */
  const batches = new Int32Array(stations * units * batchMax);
  const sizes = new Int32Array(stations * units);
  const running = new Int32Array(stations);
  const stretches = new Float64Array(stations).fill(1);

  /** Takes a batch out of the line and begins it. */
  const start = (station: number, unit: number): void => {
    if (lines.size(station) === 0) return;
    const first = unit * batchMax;
    let size = 0;
    let tokens = 0;
    let beforeMs = 0;
    while (size < batchMax && lines.size(station) > 0) {
      const more = tokensOf(lines.peek(station));
      if (size > 0 && tokens + more > tokensMax) break;
      const job = lines.shift(station);
      batches[first + size] = job;
      beforeMs += options.beforeMsOf?.(job) ?? 0;
      size += 1;
      tokens += more;
    }
    sizes[unit] = size;
    running[station] = (running[station] as number) + size;
    usage.begin(station, kind, running[station]);
    const workMs = beforeMs + cost.timeMs(size, tokens / size);
    const lastsMs = workMs * (stretches[station] as number);
    if (threads === undefined) alarms.set(unit, (time[0] as number) + lastsMs);
    else threads.begin(unit, kind, lastsMs);
  };

  const end = (unit: number): void => {
    const station = units === 1 ? unit : Math.floor(unit / units);
    const size = sizes[unit] as number;
    running[station] = (running[station] as number) - size;
    if (running[station] === 0) usage.end(station);
    else usage.begin(station, kind, running[station]);
    for (let at = 0; at < size; at += 1) {
      options.onDone(station, batches[unit * batchMax + at] as number);
    }
    sizes[unit] = 0;
    start(station, unit);
  };
  const alarms = add(stations * units, end);
  const threads = options.host?.add(stations * units, end);

  return {
    usage,
    waiting: (station) => lines.size(station),
    running: (station) => running[station] as number,
    enqueue: (station, job) => {
      lines.push(station, job);
      for (let unit = station * units; unit < (station + 1) * units; unit += 1) {
        if (sizes[unit] === 0) return start(station, unit);
      }
    },
    setClock: (station, share) => {
      stretches[station] = stretchOf(cost, share);
    },
  };
};

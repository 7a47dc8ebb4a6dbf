import { instanceId, jobId, type InstanceId } from '@isotherm/kernel';
import type { Fabric, FabricProblem } from '../fabric.ts';
import { laneName, type FabricLimits, type InstanceRecord, type LaneName } from '../port.ts';

/** Stands for another process, which can die without a word. */
export interface Doomed {
  /** How many jobs it has taken; it finishes none. */
  taken(count: number): Promise<void>;
  kill(): Promise<void>;
}

/** What an adapter gives the suite. */
export interface FabricHarness {
  /** Every call opens an empty fabric. The harness closes it, and what the test left open. */
  open(options?: OpenOptions): Promise<FabricUnderTest>;
  /** Time that a process of this adapter takes to come up and to be noticed, in milliseconds. */
  readonly slackMs: number;
}

export interface OpenOptions {
  readonly limits?: Partial<FabricLimits>;
  readonly report?: (problem: FabricProblem) => void;
}

export interface FabricUnderTest extends Fabric {
  doomedConsumer(lane: LaneName, concurrency: number): Promise<Doomed>;
  doomedInstance(record: InstanceRecord): Promise<Doomed>;
}

/** Opens a fabric, runs the test with it, and closes it whatever happens. */
export const withFabric =
  (harness: FabricHarness, options: OpenOptions = {}) =>
  async (test: (fabric: FabricUnderTest) => Promise<void>): Promise<void> => {
    const fabric = await harness.open(options);
    try {
      await test(fabric);
    } finally {
      await fabric.close();
    }
  };

let laneCount = 0;
/** A lane that no other test uses. */
export const freshLane = (): LaneName =>
  laneName('encode', instanceId(`instance-${process.pid}-${laneCount++}`));

export const job = <Body>(id: string, body: Body, priority?: number) =>
  priority === undefined ? { id: jobId(id), body } : { id: jobId(id), body, priority };

export const record = (id: string, over: Partial<InstanceRecord> = {}): InstanceRecord => ({
  id: instanceId(id),
  stage: 'encode',
  model: 'tiny',
  address: '127.0.0.1:50051',
  capacity: 4,
  contextMax: 4096,
  startedMs: 1_700_000_000_000,
  state: 'serving',
  ...over,
});

export const idsOf = (records: readonly InstanceRecord[]): readonly InstanceId[] =>
  records.map(({ id }) => id);

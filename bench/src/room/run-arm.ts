import type { ThermalEmergencyInput } from '@isotherm/proto';
import { startHotStack } from '../heat/hot-stack.ts';
import { type RoomSample, roomSampleOf, watchRoom } from '../heat/room-watcher.ts';
import type { Driven } from '../overload/drive-classes.ts';
import { summarize, type Summary } from '../report/percentiles.ts';
import { type Arm, leverSettings, nameOf } from './arms.ts';
import type { RoomParameters } from './parameters.ts';

/** What became of one arm. */
export interface ArmResult {
  readonly name: string;
  readonly arm: Arm;
  readonly requests: number;
  /** Ended in the middle of the answer, with an error that says why. */
  readonly cut: number;
  /** Told that their deadline of a minute has passed, before an answer had begun. */
  readonly expired: number;
  /** Of which nothing of all this was heard. */
  readonly lost: number;
  readonly refused: number;
  /** What those that were cut, have expired or were lost heard, each. */
  readonly failures: readonly string[];
  readonly whole: Summary;
  readonly first: Summary;
  readonly throttleEvents: number;
  readonly throttleEventsByCause: Readonly<Record<string, number>>;
  /** Shares of the looks at the room in which a GPU was slowed or shut down. */
  readonly throttledShare: number;
  readonly coreMaxC: number;
  readonly servingMaxC: number;
  readonly rowMaxW: number;
  readonly samples: readonly RoomSample[];
}

/** A stack with a virtual room of its own, load, and in the middle of it what goes wrong. */
export const runArm = async (
  redisUrl: string,
  arm: Arm,
  parameters: RoomParameters,
): Promise<ArmResult> => {
  const { calmMs, hotMs } = parameters;
  const stack = await startHotStack(redisUrl, 'room', parameters, {
    settings: leverSettings(arm),
  });
  const room = watchRoom(stack.peers, stack.thermal, roomSampleOf);
  try {
    const driving = stack.drive(calmMs + hotMs);
    await new Promise((resolve) => setTimeout(resolve, calmMs));
    for (const emergency of whatGoesWrong(parameters)) await stack.declare(emergency);
    const driven = await driving;
    await room.stop();
    return resultOf(arm, driven, room.samples);
  } finally {
    await room.stop();
    await stack.close();
  }
};

const whatGoesWrong = ({
  heatWaveK,
  coolingShare,
}: RoomParameters): readonly ThermalEmergencyInput[] => [
  { kind: 'heat_wave', byK: heatWaveK },
  { kind: 'cooling', scope: { kind: 'aisle', id: 'a1' }, toShare: coolingShare },
];

const resultOf = (
  arm: Arm,
  driven: readonly Driven[],
  samples: readonly RoomSample[],
): ArmResult => {
  const answered = driven.flatMap(({ outcome }) => (outcome.kind === 'answered' ? [outcome] : []));
  const failures = driven.flatMap(({ outcome }) => ('reason' in outcome ? [outcome.reason] : []));
  const countOf = (kind: Driven['outcome']['kind']): number =>
    driven.filter(({ outcome }) => outcome.kind === kind).length;
  const events = samples.at(-1)?.throttleEvents ?? {};
  const most = (values: readonly number[]): number => Math.max(0, ...values);
  return {
    ...{ name: nameOf(arm), arm, requests: driven.length, refused: countOf('refused') },
    ...{ cut: countOf('cut'), expired: countOf('expired'), lost: countOf('failed'), failures },
    whole: summarize(answered.map(({ wholeMs }) => wholeMs)),
    first: summarize(answered.map(({ firstMs }) => firstMs)),
    throttleEvents: Object.values(events).reduce((sum, count) => sum + count, 0),
    throttleEventsByCause: events,
    throttledShare:
      samples.filter(({ throttledGpus }) => throttledGpus > 0).length / Math.max(1, samples.length),
    coreMaxC: most(samples.map(({ coreMaxC }) => coreMaxC)),
    servingMaxC: most(samples.map(({ servingMaxC }) => servingMaxC)),
    rowMaxW: most(samples.map(({ rowMaxW }) => rowMaxW)),
    samples,
  };
};

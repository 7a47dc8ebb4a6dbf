import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { seededRandom } from '@isotherm/kernel';
import type { ThermalEmergencyInput } from '@isotherm/proto';
import { callUnary, createPeers, type Peers } from '@isotherm/rpc';
import { startLocalStack } from '@isotherm/stack';
import { parse, stringify } from 'yaml';
import { chatBody } from '../client/chat-body.ts';
import { createClassDriver, type Driven } from '../overload/drive-classes.ts';
import { offeredLoad } from '../overload/offered-load.ts';
import { repositoryRoot } from '../report/repository.ts';
import { summarize, type Summary } from '../report/percentiles.ts';
import { profileSettings } from '../stack/profile-settings.ts';
import { type Arm, leverSettings, nameOf } from './arms.ts';
import type { RoomParameters } from './parameters.ts';
import { type RoomSample, watchRoom } from './room-watcher.ts';

/** What became of one arm. */
export interface ArmResult {
  readonly name: string;
  readonly arm: Arm;
  readonly requests: number;
  /** Neither answered nor refused explicitly. */
  readonly lost: number;
  readonly refused: number;
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
  const { shape, profile, timeScale, calmMs, hotMs } = parameters;
  const roomFile = await writeRoom(parameters);
  const settings = {
    ...profileSettings(`room-${randomUUID()}`, profile),
    ISOTHERM_TIME_SCALE: String(timeScale),
    ISOTHERM_ROOM_FILE: roomFile,
    ISOTHERM_OPAQUE_LOAD_MEAN: String(parameters.opaqueUtilisation),
    ISOTHERM_OPAQUE_LOAD_SWING: '0',
    ...leverSettings(arm),
  };
  const stack = await startLocalStack({
    ...{ redisUrl, settings, gpusEach: 8 },
    shape: { ...shape, thermal: 1 },
  });
  const peers = createPeers();
  const room = watchRoom(peers, stack.thermal);
  const body = chatBody({ text: 'How warm is it?', tokensMax: parameters.answerTokens });
  const driver = createClassDriver(stack.http, JSON.stringify({ ...body, stream: true }));
  try {
    const offer = { tenant: 'bench', sloClass: 'batch', perS: parameters.perS } as const;
    const arrivals = offeredLoad([offer], calmMs + hotMs, seededRandom(parameters.seed));
    const driving = driver.open(arrivals, calmMs + hotMs);
    await new Promise((resolve) => setTimeout(resolve, calmMs));
    for (const emergency of whatGoesWrong(parameters)) {
      await declare(peers, stack.thermal, emergency);
    }
    const driven = await driving;
    await room.stop();
    return resultOf(arm, driven, room.samples);
  } finally {
    await room.stop();
    driver.close();
    peers.close();
    await stack.stop();
    await rm(dirname(roomFile), { recursive: true });
  }
};

/** The room of `isotherm up`, on a hot day. */
const writeRoom = async ({ outsideC }: RoomParameters): Promise<string> => {
  const demo = parse(
    await readFile(join(repositoryRoot, 'deploy/rooms/demo.yaml'), 'utf8'),
  ) as object;
  const plan = { ...demo, outside: { kind: 'constant', temperature_c: outsideC } };
  const file = join(await mkdtemp(join(tmpdir(), 'isotherm-room-')), 'room.yaml');
  await writeFile(file, stringify(plan));
  return file;
};

const whatGoesWrong = ({
  heatWaveK,
  coolingShare,
}: RoomParameters): readonly ThermalEmergencyInput[] => [
  { kind: 'heat_wave', byK: heatWaveK },
  { kind: 'cooling', scope: { kind: 'aisle', id: 'a1' }, toShare: coolingShare },
];

const declare = (
  peers: Peers,
  thermal: string,
  emergency: ThermalEmergencyInput,
): Promise<unknown> =>
  callUnary((callback) =>
    peers
      .thermal(thermal)
      .declareEmergency({ emergency }, { deadline: Date.now() + 5_000 }, callback),
  );

const resultOf = (
  arm: Arm,
  driven: readonly Driven[],
  samples: readonly RoomSample[],
): ArmResult => {
  const answered = driven.flatMap(({ outcome }) => (outcome.kind === 'answered' ? [outcome] : []));
  const refused = driven.filter(({ outcome }) => outcome.kind === 'refused').length;
  const events = samples.at(-1)?.throttleEvents ?? {};
  const most = (values: readonly number[]): number => Math.max(0, ...values);
  return {
    ...{ name: nameOf(arm), arm, requests: driven.length, refused },
    lost: driven.length - answered.length - refused,
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

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
import { profileSettings } from '../stack/profile-settings.ts';
import type { HeatLoad } from './heat-load.ts';

/** A room's plan as YAML has it. */
export interface RawPlan {
  outside: unknown;
  aisles: { ahus: { airflow_m3s: number; cooling_w: number }[] }[];
  ups: { units: { capacity_w: number }[] };
  rows: { limit_w: number }[];
}

/** A stack under load in a virtual room of its own. */
export interface HotStack {
  readonly peers: Peers;
  readonly thermal: string;
  /** Sends Poisson arrivals for so long; resolves when all have ended. */
  drive(forMs: number): Promise<readonly Driven[]>;
  declare(emergency: ThermalEmergencyInput): Promise<unknown>;
  /** Ends all emergencies. */
  clear(): Promise<unknown>;
  close(): Promise<void>;
}

export interface HotStackOptions {
  readonly settings: Readonly<Record<string, string>>;
  /** What is other than in the demo's room. */
  readonly change?: (plan: RawPlan) => void;
  /** Servers of instances, by stage; who has none is placed by the thermal service. */
  readonly places?: Partial<Record<'encoder' | 'prefill' | 'decode', readonly string[]>>;
}

/** Less than a client's own patience: what cannot be answered is told so before that. */
const deadlineMs = 60_000;

/** The room of `isotherm up`, changed, with opaque tenants that never rest. */
export const startHotStack = async (
  redisUrl: string,
  name: string,
  load: HeatLoad & { readonly timeScale: number },
  { settings, change = () => undefined, places = {} }: HotStackOptions,
): Promise<HotStack> => {
  const roomFile = await writeRoom(load.outsideC, change);
  const placed = (servers: readonly string[] = []) =>
    servers.map((server) => ({ ISOTHERM_PLACE: `${server}/0,1,2,3,4,5,6,7` }));
  const stack = await startLocalStack({
    ...{ redisUrl, gpusEach: 8, shape: { ...load.shape, thermal: 1 } },
    settings: {
      ...profileSettings(`${name}-${randomUUID()}`, load.profile),
      ISOTHERM_TIME_SCALE: String(load.timeScale),
      ISOTHERM_ROOM_FILE: roomFile,
      ISOTHERM_OPAQUE_LOAD_MEAN: String(load.opaqueUtilisation),
      ISOTHERM_OPAQUE_LOAD_SWING: '0',
      ...settings,
    },
    settingsOfEach: {
      ...{ encoder: placed(places.encoder), prefill: placed(places.prefill) },
      decode: placed(places.decode),
    },
  });
  const peers = createPeers();
  const body = chatBody({ text: 'How warm is it?', tokensMax: load.answerTokens });
  const driver = createClassDriver(
    stack.http,
    JSON.stringify({ ...body, stream: true }),
    deadlineMs,
  );
  const options = () => ({ deadline: Date.now() + 5_000 });
  return {
    ...{ peers, thermal: stack.thermal },
    drive: (forMs) => {
      const offer = { tenant: 'bench', sloClass: 'batch', perS: load.perS } as const;
      return driver.open(offeredLoad([offer], forMs, seededRandom(load.seed)), forMs);
    },
    declare: (emergency) =>
      callUnary((done) =>
        peers.thermal(stack.thermal).declareEmergency({ emergency }, options(), done),
      ),
    clear: () =>
      callUnary((done) => peers.thermal(stack.thermal).clearEmergency({}, options(), done)),
    close: async () => {
      driver.close();
      peers.close();
      await stack.stop();
      await rm(dirname(roomFile), { recursive: true });
    },
  };
};

const writeRoom = async (outsideC: number, change: (plan: RawPlan) => void): Promise<string> => {
  const text = await readFile(join(repositoryRoot, 'deploy/rooms/demo.yaml'), 'utf8');
  const plan = parse(text) as RawPlan;
  plan.outside = { kind: 'constant', temperature_c: outsideC };
  change(plan);
  const file = join(await mkdtemp(join(tmpdir(), 'isotherm-room-')), 'room.yaml');
  await writeFile(file, stringify(plan, { aliasDuplicateObjects: false }));
  return file;
};

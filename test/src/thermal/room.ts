import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { GetRoomResponse, ThermalEmergencyInput } from '@isotherm/proto';
import { callUnary } from '@isotherm/rpc';
import { type Deployment, deploy } from '../harness/deployment.ts';
import { routerStatus } from '../harness/idle.ts';
import { repositoryRoot } from '../harness/repository.ts';

const options = () => ({ deadline: Date.now() + 10_000 });

export const getRoom = ({ stack, peers }: Deployment): Promise<GetRoomResponse> =>
  callUnary((done) => peers.thermal(stack.thermal).getRoom({}, options(), done));

export const declareEmergency = (
  { stack, peers }: Deployment,
  emergency: ThermalEmergencyInput,
): Promise<unknown> =>
  callUnary((done) =>
    peers.thermal(stack.thermal).declareEmergency({ emergency }, options(), done),
  );

export const clearEmergencies = ({ stack, peers }: Deployment): Promise<unknown> =>
  callUnary((done) => peers.thermal(stack.thermal).clearEmergency({}, options(), done));

export const statusOf = (deployment: Deployment) => routerStatus(deployment, deployment.stack.grpc);

/** Throttle events of a room since its start, of all causes. */
export const throttleEvents = ({ throttleEvents: events }: GetRoomResponse): number =>
  Object.values(events).reduce((sum, count) => sum + count, 0);

/** Instances that the room has in an aisle. */
export const instancesIn = (room: GetRoomResponse, aisle: string): ReadonlySet<string> =>
  new Set(
    room.servers
      .filter(({ above }) => above.some(({ kind, id }) => kind === 'aisle' && id === aisle))
      .flatMap(({ instanceIds }) => instanceIds),
  );

/** Two encoders, two prefill and four decode instances, each with a server of the demo room to itself. */
export const deployInRoom = async (
  redisUrl: string,
  outsideC: number,
  settings: Readonly<Record<string, string>>,
): Promise<Deployment> => {
  const roomFile = await writeRoom(outsideC);
  try {
    // The file is read at the start; a service that is started again takes its path from the settings.
    const deployment = await deploy({
      ...{ redisUrl, gpusEach: 8 },
      shape: { encoder: 2, prefill: 2, decode: 4, thermal: 1 },
      settings: {
        ...{ ISOTHERM_ROOM_FILE: roomFile, ISOTHERM_OPAQUE_LOAD_SWING: '0' },
        ...settings,
      },
    });
    const close = async (): Promise<void> => {
      await deployment.close();
      await rm(dirname(roomFile), { recursive: true });
    };
    return { ...deployment, close };
  } catch (error) {
    await rm(dirname(roomFile), { recursive: true });
    throw error;
  }
};

/** The room of `isotherm up` in weather of its own. */
const writeRoom = async (outsideC: number): Promise<string> => {
  const demo = await readFile(join(repositoryRoot, 'deploy/rooms/demo.yaml'), 'utf8');
  const file = join(await mkdtemp(join(tmpdir(), 'isotherm-room-')), 'room.yaml');
  await writeFile(file, demo.replace('temperature_c: 22', `temperature_c: ${outsideC}`));
  return file;
};

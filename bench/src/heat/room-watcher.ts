import type { GetRoomResponse } from '@isotherm/proto';
import { callUnary, type Peers } from '@isotherm/rpc';

/** The room at one time. */
export interface RoomSample {
  /** Plant time, in seconds. */
  readonly plantS: number;
  /** Hottest core of GPUs that serve here, and of all, in °C. */
  readonly servingMaxC: number;
  readonly coreMaxC: number;
  /** Hottest inlet, in °C. */
  readonly inletMaxC: number;
  /** The row that draws the most, in W. */
  readonly rowMaxW: number;
  /** Slowed down or shut down just now. */
  readonly throttledGpus: number;
  /** Since the start, by cause. */
  readonly throttleEvents: Readonly<Record<string, number>>;
}

export interface RoomWatcher<Sample> {
  readonly samples: readonly Sample[];
  stop(): Promise<void>;
}

const everyMs = 200;
const callMsMax = 5_000;

export const getRoom = (peers: Peers, thermal: string): Promise<GetRoomResponse> =>
  callUnary<GetRoomResponse>((callback) =>
    peers.thermal(thermal).getRoom({}, { deadline: Date.now() + callMsMax }, callback),
  );

/** Looks at the room again and again until it is stopped. */
export const watchRoom = <Sample>(
  peers: Peers,
  thermal: string,
  sampleOf: (room: GetRoomResponse) => Sample,
): RoomWatcher<Sample> => {
  const samples: Sample[] = [];
  const stop = new AbortController();
  const watching = (async () => {
    while (!stop.signal.aborted) {
      // A look that fails is a look less.
      const room = await getRoom(peers, thermal).catch(() => undefined);
      if (room !== undefined) samples.push(sampleOf(room));
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })();
  return {
    samples,
    stop: async () => {
      stop.abort();
      await watching;
    },
  };
};

/** Clock event reasons of NVML by which hardware slows a GPU down. */
const slowedBits = 0x4 | 0x8 | 0x20 | 0x40 | 0x80;

/** Whether a GPU is slowed down or shut down. */
export const isSlowed = (gpu: {
  readonly shutDown: boolean;
  readonly throttleReasons: number;
}): boolean => gpu.shutDown || (gpu.throttleReasons & slowedBits) !== 0;

const hottest = (values: readonly number[]): number => Math.max(0, ...values);

export const roomSampleOf = (room: GetRoomResponse): RoomSample => {
  const gpus = room.servers.flatMap((server) => server.gpus);
  const serving = room.servers.filter((server) => server.instanceIds.length > 0);
  return {
    plantS: room.plantS,
    servingMaxC: hottest(serving.flatMap((server) => server.gpus.map(({ coreC }) => coreC))),
    coreMaxC: hottest(gpus.map(({ coreC }) => coreC)),
    inletMaxC: hottest(room.servers.map(({ inletC }) => inletC)),
    rowMaxW: hottest(
      room.levels.filter(({ level }) => level?.kind === 'row').map(({ used }) => used),
    ),
    throttledGpus: gpus.filter(isSlowed).length,
    throttleEvents: { ...room.throttleEvents },
  };
};

import type { RoomState } from '@isotherm/plant';

/** What a room went through. */
export interface RoomFigures {
  readonly coreMaxC: number;
  readonly memoryMaxC: number;
  readonly rowPowerMaxW: number;
  /** Of what the row may carry. */
  readonly rowShareMax: number;
  readonly energyKwh: number;
  /** How often, and for which share of all GPUs' time, clocks were lowered by heat and by power. */
  readonly thermalEvents: number;
  readonly powerEvents: number;
  readonly thermalTimeShare: number;
  readonly powerTimeShare: number;
  /** Share of the time of our own instances with a clock that a plan has lowered. */
  readonly slowedTimeShare: number;
  /** Share of the time of opaque tenants' servers with a cap. */
  readonly opaqueCappedTimeShare: number;
  /** GPUs and servers that switched themselves off, and breakers that opened. */
  readonly shutDowns: number;
}

/** One moment of a room, for plots. */
export interface RoomPoint {
  readonly atS: number;
  readonly outsideC: number;
  readonly coreMaxC: number;
  readonly rowShareMax: number;
  readonly powerKw: number;
}

/** What the room itself does not know. */
export interface RoomMoment {
  readonly outsideC: number;
  /** Shares of our own instances whose clock a plan has lowered, and of opaque servers that are capped. */
  readonly slowedShare: number;
  readonly opaqueCappedShare: number;
}

export interface RoomRecord {
  note(state: RoomState, dtS: number, now: RoomMoment): void;
  figures(state: RoomState): RoomFigures;
  readonly points: readonly RoomPoint[];
}

/** Points that a plot can use. */
const pointsMax = 2000;

export const createRoomRecord = (durationS: number, periodS: number): RoomRecord => {
  const everyS = Math.max(periodS, durationS / pointsMax);
  let dueS = 0;
  const most = { coreMaxC: 0, memoryMaxC: 0, rowPowerMaxW: 0, rowShareMax: 0 };
  const points: RoomPoint[] = [];
  let energyWs = 0;
  let sinceS = 0;
  let [slowedS, opaqueCappedS] = [0, 0];
  return {
    points,
    note: (state, dtS, { outsideC, slowedShare, opaqueCappedShare }) => {
      const now = momentOf(state);
      most.coreMaxC = Math.max(most.coreMaxC, now.coreMaxC);
      most.memoryMaxC = Math.max(most.memoryMaxC, now.memoryMaxC);
      most.rowPowerMaxW = Math.max(most.rowPowerMaxW, now.rowPowerMaxW);
      most.rowShareMax = Math.max(most.rowShareMax, now.rowShareMax);
      energyWs += now.powerW * dtS;
      sinceS += dtS;
      slowedS += slowedShare * dtS;
      opaqueCappedS += opaqueCappedShare * dtS;
      if (sinceS >= dueS && points.length < pointsMax) {
        dueS += everyS;
        const { coreMaxC, rowShareMax, powerW } = now;
        points.push({ atS: state.atS, outsideC, coreMaxC, rowShareMax, powerKw: powerW / 1000 });
      }
    },
    figures: ({ gpus, servers, rows, ups }) => {
      const gpuS = Math.max(1e-9, sinceS * gpus.powerW.length);
      return {
        ...{ ...most, energyKwh: energyWs / 3.6e6 },
        ...{ thermalEvents: sum(gpus.thermalEvents), powerEvents: sum(gpus.powerEvents) },
        ...{ thermalTimeShare: sum(gpus.thermalS) / gpuS, powerTimeShare: sum(gpus.powerS) / gpuS },
        slowedTimeShare: slowedS / Math.max(1e-9, sinceS),
        opaqueCappedTimeShare: opaqueCappedS / Math.max(1e-9, sinceS),
        shutDowns: sum(gpus.shutDown) + sum(servers.stopped) + sum(rows.tripped) + sum(ups.tripped),
      };
    },
  };
};

const sum = (values: Float64Array): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

const momentOf = ({ layout, gpus, rows, servers }: RoomState) => {
  let [coreMaxC, memoryMaxC, rowPowerMaxW, rowShareMax] = [0, 0, 0, 0];
  for (let gpu = 0; gpu < gpus.sinkC.length; gpu += 1) {
    const sinkC = gpus.sinkC[gpu] ?? 0;
    const coreC = sinkC + (gpus.fastK[gpu] ?? 0);
    const offsetK = layout.gpus[gpu]?.thermal.memory.offsetK ?? 0;
    const memoryC = sinkC + offsetK + (gpus.memoryK[gpu] ?? 0);
    if (coreC > coreMaxC) coreMaxC = coreC;
    if (memoryC > memoryMaxC) memoryMaxC = memoryC;
  }
  for (let row = 0; row < rows.powerW.length; row += 1) {
    const powerW = rows.powerW[row] ?? 0;
    rowPowerMaxW = Math.max(rowPowerMaxW, powerW);
    rowShareMax = Math.max(rowShareMax, powerW / Math.max(1, rows.limitW[row] ?? 0));
  }
  return { coreMaxC, memoryMaxC, rowPowerMaxW, rowShareMax, powerW: sum(servers.powerW) };
};

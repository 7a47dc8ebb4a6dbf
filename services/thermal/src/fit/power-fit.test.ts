import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import {
  exampleRoom,
  type GpuDemand,
  type GpuId,
  type GpuPowerParameters,
  initialRoom,
  predictGpuPowerW,
  type RoomState,
  type ServerParameters,
  steadyServerPowerW,
  stepRoom,
} from '@isotherm/plant';
import type { RoomView } from '../estimate/room-view.ts';
import { indexRoom } from '../topology/room-index.ts';
import { fittedGpuPower, fittedServer } from './fitted-power.ts';
import { createPowerFit } from './power-fit.ts';

const index = indexRoom(exampleRoom({ aisles: 1, racksPerRow: 1, serversPerRack: 2 }));
const { layout } = index;
const everyS = 5;

/** How the true plant differs from what its classes say. */
interface Truth {
  readonly server: (server: ServerParameters) => ServerParameters;
  readonly gpu: (power: GpuPowerParameters, gpu: number) => GpuPowerParameters;
}

const truth: Truth = {
  server: (server) => ({
    ...server,
    supplyEfficiency: server.supplyEfficiency * 0.93,
    baseIdleW: server.baseIdleW + 250,
    baseBusyW: server.baseBusyW * 1.3 + 250,
  }),
  gpu: (power, gpu) => fittedGpuPower(power, gpu % 2 === 0 ? 0.8 : 0.9),
};

const asTrue = (state: RoomState, { server, gpu }: Truth): RoomState => ({
  ...state,
  layout: {
    ...state.layout,
    servers: layout.servers.map((each) => ({
      ...{ ...each, kind: { ...each.kind, server: server(each.kind.server) } },
    })),
    gpus: layout.gpus.map((each, at) => ({
      ...each,
      kind: { ...each.kind, power: gpu(each.kind.power, at) },
    })),
  },
});

/** A plant under work that changes, and a fit that hears of it through instruments with one percent of noise. */
const open = () => {
  const random = seededRandom(5);
  let state = asTrue(initialRoom(index.plan), truth);
  const fit = createPowerFit(index);
  const loads = layout.servers.map(() => 0.5);
  let demand: ReadonlyMap<GpuId, GpuDemand> = new Map();
  const advance = (): void => {
    loads.forEach((load, at) => {
      loads[at] = Math.min(1, Math.max(0.1, load + 0.2 * (random() - 0.5)));
    });
    demand = new Map(
      layout.gpus.map(({ id, server }) => [
        id,
        {
          ...{ stage: 'decode', utilisation: loads[server] ?? 0, precision: 'bf16' },
          ...{ batch: 8 + Math.round(56 * (loads[server] ?? 0)), clockShare: 1, tensorParallel: 8 },
        },
      ]),
    );
    state = stepRoom(state, { dtS: everyS, outsideC: 18, disturbances: [], demand });
  };
  const noisy = (value: number): number => value * (1 + 0.02 * (random() - 0.5));
  const view = (): RoomView => ({
    ...{ atMs: 0, outsideC: 18 },
    servers: layout.servers.map((_, at) => ({
      ...{ inletC: 20, ageS: 0, doubt: '', fanShare: state.servers.fanSpeedShare[at] },
      powerW: noisy(state.servers.powerW[at] ?? 0),
    })),
    gpus: layout.gpus.map((_, at) => ({
      ...{ coreC: 50, memoryC: 50, utilisation: 0, reasons: 0, shutDown: false, doubt: '' },
      ...{ powerW: noisy(state.gpus.powerW[at] ?? 0), clockShare: state.gpus.clockShare[at] ?? 1 },
    })),
  });
  const run = (rounds: number): void => {
    for (let each = 0; each < rounds; each += 1) {
      advance();
      fit.learn(view(), state, everyS, demand);
    }
  };
  /** Mean of what a server is predicted to draw by its work alone and what it draws, in shares of its rated power. */
  const missOf = (
    serverOf: (server: number) => ServerParameters,
    gpuOf: (gpu: number) => GpuPowerParameters,
  ): number => {
    const misses = layout.servers.map(({ gpuCount, firstGpu, gpusRatedW, kind }, at) => {
      const gpusW = layout.gpus.slice(firstGpu, firstGpu + gpuCount).reduce((sum, { id }, each) => {
        const asked = demand.get(id);
        return sum + (asked ? predictGpuPowerW(gpuOf(firstGpu + each), asked) : 0);
      }, 0);
      const predictedW = steadyServerPowerW(serverOf(at), gpusW, gpusRatedW);
      const ratedW = steadyServerPowerW(kind.server, gpusRatedW, gpusRatedW);
      return Math.abs(predictedW - (state.servers.powerW[at] ?? 0)) / ratedW;
    });
    return misses.reduce((sum, each) => sum + each, 0) / misses.length;
  };
  const heldOut = (rounds: number) => {
    let [prior, fitted] = [0, 0];
    for (let each = 0; each < rounds; each += 1) {
      advance();
      prior += missOf(
        (server) => layout.servers[server]?.kind.server ?? fit.server(server),
        (gpu) => layout.gpus[gpu]?.kind.power ?? fit.gpu(gpu),
      );
      fitted += missOf(fit.server, fit.gpu);
    }
    return { prior: prior / rounds, fitted: fitted / rounds };
  };
  const change = (next: Truth): void => {
    state = asTrue(state, next);
  };
  return { fit, run, heldOut, change };
};

describe('the fit of power', () => {
  it('predicts a plant that is not as its classes say, at work that it was not fitted to', () => {
    const { fit, run, heldOut } = open();
    run(200);
    const { prior, fitted } = heldOut(100);
    expect(prior).toBeGreaterThan(0.03);
    expect(fitted).toBeLessThan(prior / 4);
    layout.gpus.forEach((_, gpu) => {
      expect(fit.gpuLine(gpu)?.b).toBeCloseTo(gpu % 2 === 0 ? 0.8 : 0.9, 1);
    });
    expect(layout.servers.map((_, server) => fit.marginW(server))).toEqual(
      layout.servers.map(() => 0),
    );
  });

  it('notices a server that begins to draw more, keeps a margin meanwhile, and follows', () => {
    const { fit, run, change } = open();
    run(200);
    change({
      ...truth,
      server: (server) => {
        const before = truth.server(server);
        return {
          ...before,
          baseIdleW: before.baseIdleW + 1500,
          baseBusyW: before.baseBusyW + 1500,
        };
      },
    });
    const marginsW = Array.from({ length: 40 }, () => {
      run(1);
      return fit.marginW(0);
    });
    expect(Math.max(...marginsW)).toBeGreaterThan(500);
    run(200);
    expect(fit.marginW(0)).toBe(0);
  });

  it('says nothing of GPUs that run at another clock than they were asked to, or without work', () => {
    const fit = createPowerFit(index);
    const state = initialRoom(index.plan);
    const gpu = { coreC: 50, memoryC: 50, utilisation: 0, reasons: 0, shutDown: false };
    const view = (powerW: number, clockShare: number, doubt: string): RoomView => ({
      ...{ atMs: 0, outsideC: 18 },
      servers: layout.servers.map(() => ({
        ...{ inletC: 20, ageS: 0, doubt: '', fanShare: 0.5, powerW: undefined },
      })),
      gpus: layout.gpus.map(() => ({ ...gpu, powerW, clockShare, doubt })),
    });
    const asked = (utilisation: number): ReadonlyMap<GpuId, GpuDemand> =>
      new Map(
        layout.gpus.map(({ id }) => [
          id,
          { stage: 'prefill', utilisation, batch: 4, precision: 'bf16', clockShare: 1 },
        ]),
      );
    for (let each = 0; each < 50; each += 1) {
      fit.learn(view(150, 0.4, ''), state, everyS, asked(1));
      fit.learn(view(150, 1, ''), state, everyS, asked(0));
      fit.learn(view(150, 1, 'no fresh power_w'), state, everyS, asked(1));
      fit.learn(view(150, 1, ''), state, everyS, new Map());
    }
    expect(fit.gpuLine(0)).toMatchObject({ samples: 0, b: 1 });
    expect(fit.gpu(0)).toBe(layout.gpus[0]?.kind.power);
    expect(fit.serverLine(0)?.samples).toBe(0);
  });

  it('goes no farther than it may', () => {
    const fit = createPowerFit(index);
    const state = initialRoom(index.plan);
    const gpu = { coreC: 50, memoryC: 50, utilisation: 1, reasons: 0, shutDown: false, doubt: '' };
    const view = (powerW: number): RoomView => ({
      ...{ atMs: 0, outsideC: 18 },
      servers: layout.servers.map(() => ({
        ...{ inletC: 20, ageS: 0, doubt: '', fanShare: 0.5, powerW: 10 * powerW },
      })),
      gpus: layout.gpus.map(() => ({ ...gpu, powerW, clockShare: 1 })),
    });
    const demand: ReadonlyMap<GpuId, GpuDemand> = new Map(
      layout.gpus.map(({ id }) => [
        id,
        { stage: 'decode', utilisation: 0.2, batch: 4, precision: 'bf16', clockShare: 1 },
      ]),
    );
    for (let each = 0; each < 300; each += 1) fit.learn(view(5000 + each), state, everyS, demand);
    expect(fit.gpuLine(0)?.b).toBeLessThanOrEqual(1.6);
    expect(fit.serverLine(0)?.b).toBeLessThanOrEqual(1.6);
    expect(fit.serverLine(0)?.a).toBeLessThanOrEqual(0.3);
    fit.learn(view(Number.NaN), state, everyS, demand);
    expect(Number.isFinite(fit.server(0).baseIdleW)).toBe(true);
  });
});

describe('fitted parameters', () => {
  it('are those of the class where nothing was learnt, and scale what comes on top of idle', () => {
    const power = layout.gpus[0]?.kind.power;
    const server = layout.servers[0]?.kind.server;
    if (power === undefined || server === undefined) throw new Error('an empty room');
    expect(fittedServer(server, { a: 0, b: 1 }, 10_000)).toEqual(server);
    const demand: GpuDemand = {
      ...{ stage: 'decode', utilisation: 0.7, batch: 32, precision: 'fp8', clockShare: 0.6 },
    };
    const aboveIdleW = predictGpuPowerW(power, demand) - power.idleW;
    const halved = predictGpuPowerW(fittedGpuPower(power, 0.5), demand) - power.idleW;
    expect(halved).toBeCloseTo(aboveIdleW / 2);
    const [own, more] = [server, fittedServer(server, { a: 0.1, b: 1.2 }, 10_000)].map((each) =>
      steadyServerPowerW(each, 3000, 5600),
    );
    expect(more).toBeCloseTo(1.2 * (own ?? NaN) + 1000);
  });
});

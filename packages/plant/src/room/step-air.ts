import { airHeatJPerM3K } from '../predict/air.ts';
import { assumedInlet, predictInletC, recirculatedInletC } from '../predict/inlet.ts';
import type { Conditions } from './disturbance.ts';
import type { AislePlace } from './room-layout.ts';
import { at, type RoomState } from './room-state.ts';
import type { ServerAir } from './step-power.ts';

/**
 * Air and metal of every aisle after `dtS`: what servers add, AHUs take and walls leak, in one implicit step, so that
 * any length of step is stable. Servers breathe what AHUs supply; where they move more air than that, the rest is
 * air that comes back.
 */
export const moveAir = (
  state: RoomState,
  by: {
    readonly air: ServerAir;
    readonly conditions: Conditions;
    readonly outsideC: number;
    readonly dtS: number;
  },
): void => {
  const { layout, aisles, servers } = state;
  const outsideC = by.outsideC + by.conditions.warmerK;
  const wantedC = wantedSupplyC(state, outsideC);
  layout.aisles.forEach((aisle, index) => {
    const cooling = coolingOf(aisle, by.conditions);
    const next = nextAisleAir(aisle, {
      returnC: at(aisles.returnC, index),
      metalC: at(aisles.metalC, index),
      powerW: at(aisles.powerW, index),
      ...{ ...cooling, wantedC, outsideC, dtS: by.dtS },
    });
    const demandedM3s = at(by.air.aisleM3s, index);
    aisles.returnC[index] = next.returnC;
    aisles.metalC[index] = next.metalC;
    aisles.supplyC[index] = next.supplyC;
    aisles.heatRemovedW[index] = next.heatRemovedW;
    aisles.airflowDemandedM3s[index] = demandedM3s;
    aisles.airflowSuppliedM3s[index] = cooling.airflowM3s;
    aisles.inletC[index] = recirculatedInletC({
      ...{ supplyC: next.supplyC, returnC: next.returnC },
      ...{ airflowDemandedM3s: demandedM3s, airflowSuppliedM3s: cooling.airflowM3s },
    });
  });
  layout.servers.forEach(({ plan, aisle }, index) => {
    servers.inletC[index] = at(aisles.inletC, aisle) + plan.placeBiasK;
  });
};

/** What the AHUs try to supply. */
const wantedSupplyC = ({ layout, aisles }: RoomState, outsideC: number): number => {
  const powerW = aisles.powerW.reduce((sum, watts) => sum + watts, 0);
  return predictInletC(
    { ...assumedInlet, setpointC: layout.plan.cooling.setpointC },
    { outsideC, loadShare: layout.ratedW > 0 ? powerW / layout.ratedW : 0 },
  );
};

interface Cooling {
  readonly airflowM3s: number;
  readonly coolingW: number;
}

const coolingOf = ({ plan, ahus }: AislePlace, conditions: Conditions): Cooling => {
  const share = conditions.coolingShare.get(plan.id) ?? 1;
  const alive = ahus.filter(({ id }) => !conditions.lostAhus.has(id));
  return {
    airflowM3s: share * alive.reduce((sum, { airflowM3s }) => sum + airflowM3s, 0),
    coolingW: share * alive.reduce((sum, { coolingW }) => sum + coolingW, 0),
  };
};

interface AisleAir {
  readonly returnC: number;
  readonly metalC: number;
  readonly supplyC: number;
  readonly heatRemovedW: number;
}

interface AisleInput extends Cooling {
  readonly returnC: number;
  readonly metalC: number;
  readonly powerW: number;
  readonly wantedC: number;
  readonly outsideC: number;
  readonly dtS: number;
}

/**
 * Backward Euler of two masses:
 *   C_air   dT_r/dt = P − Q + G (T_m − T_r) + U (T_out − T_r)
 *   C_metal dT_m/dt = G (T_r − T_m)
 * where AHUs take Q = ρ c_p V (T_r − T_wanted), at most what their coils can and never less than nothing.
 */
export const nextAisleAir = (aisle: AislePlace, input: AisleInput): AisleAir => {
  const flowWk = airHeatJPerM3K * input.airflowM3s;
  const free = solve(aisle, input, { flowWk, takenW: 0 });
  const wishedW = flowWk * (free.returnC - input.wantedC);
  if (wishedW <= 0) return settle(solve(aisle, input, { flowWk: 0, takenW: 0 }), flowWk, 0);
  if (wishedW <= input.coolingW) return settle(free, flowWk, wishedW);
  const held = solve(aisle, input, { flowWk: 0, takenW: input.coolingW });
  return settle(held, flowWk, input.coolingW);
};

const settle = (
  { returnC, metalC }: { readonly returnC: number; readonly metalC: number },
  flowWk: number,
  heatRemovedW: number,
): AisleAir => {
  const supplyC = flowWk > 0 ? returnC - heatRemovedW / flowWk : returnC;
  return { returnC, metalC, supplyC, heatRemovedW };
};

/** Both temperatures after `dtS`, with AHUs that take a fixed heat or pass so much air at their wanted supply. */
const solve = (
  { airJk, metalJk, couplingWk, wallWk }: AislePlace,
  input: AisleInput,
  { flowWk, takenW }: { readonly flowWk: number; readonly takenW: number },
): { readonly returnC: number; readonly metalC: number } => {
  const { dtS, powerW, wantedC, outsideC } = input;
  const metalWk = metalJk / dtS;
  const airWk = airJk / dtS;
  // The metal's equation, solved for the metal, put into the air's.
  const coupledWk = (couplingWk * metalWk) / (couplingWk + metalWk);
  const addedW = powerW - takenW + flowWk * wantedC + wallWk * outsideC;
  const returnC =
    (airWk * input.returnC + addedW + coupledWk * input.metalC) /
    (airWk + flowWk + wallWk + coupledWk);
  const metalC = (metalWk * input.metalC + couplingWk * returnC) / (metalWk + couplingWk);
  return { returnC, metalC };
};

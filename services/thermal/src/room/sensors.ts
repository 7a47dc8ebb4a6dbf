import { fanAirflowM3s, type RoomState } from '@isotherm/plant';
import type { Level } from '../topology/level.ts';
import type { Quantity } from '../telemetry/quantity.ts';
import type { RawReading } from '../telemetry/reading.ts';

/** What the instruments of a virtual room read: the same quantities that a real room's do, and nothing more. */
export const readSensors = (
  state: RoomState,
  outsideC: number,
  utilisationOf: (gpu: string) => number,
): readonly RawReading[] => {
  const readings: RawReading[] = [];
  const say = (level: Level, id: string, quantity: Quantity, value: number): void => {
    readings.push({ level, id, quantity, value });
  };
  const { layout, aisles, ups } = state;
  say('room', layout.plan.name, 'outside_c', outsideC);
  layout.aisles.forEach(({ plan: { id } }, index) => {
    say('aisle', id, 'supply_c', aisles.supplyC[index] ?? 0);
    say('aisle', id, 'airflow_m3s', aisles.airflowDemandedM3s[index] ?? 0);
    say('aisle', id, 'capacity_m3s', aisles.airflowSuppliedM3s[index] ?? 0);
  });
  layout.ups.forEach(({ id }, index) => {
    say('ups', id, 'power_w', ups.powerW[index] ?? 0);
    say('ups', id, 'capacity_w', ups.limitW[index] ?? 0);
  });
  layout.rows.forEach(({ plan: { id } }, index) => {
    say('row', id, 'power_w', state.rows.powerW[index] ?? 0);
    say('row', id, 'capacity_w', state.rows.limitW[index] ?? 0);
  });
  layout.racks.forEach(({ id }, index) => {
    say('rack', id, 'power_w', state.racks.powerW[index] ?? 0);
  });
  readServers(state, say);
  readGpus(state, utilisationOf, say);
  return readings;
};

type Say = (level: Level, id: string, quantity: Quantity, value: number) => void;

const readServers = ({ layout, servers }: RoomState, say: Say): void => {
  layout.servers.forEach(({ plan: { id }, kind }, index) => {
    const fanShare = servers.fanSpeedShare[index] ?? 0;
    say('server', id, 'inlet_c', servers.inletC[index] ?? 0);
    say('server', id, 'power_w', servers.powerW[index] ?? 0);
    say('server', id, 'fan_share', fanShare);
    say('server', id, 'airflow_m3s', fanAirflowM3s(kind.server.fans, fanShare));
  });
};

const readGpus = (
  { layout, gpus }: RoomState,
  utilisationOf: (gpu: string) => number,
  say: Say,
): void => {
  layout.gpus.forEach(({ id, thermal }, index) => {
    const sinkC = gpus.sinkC[index] ?? 0;
    say('gpu', id, 'core_c', sinkC + (gpus.fastK[index] ?? 0));
    say('gpu', id, 'memory_c', sinkC + thermal.memory.offsetK + (gpus.memoryK[index] ?? 0));
    say('gpu', id, 'power_w', gpus.powerW[index] ?? 0);
    say('gpu', id, 'utilisation', utilisationOf(id));
    say('gpu', id, 'clock_share', gpus.clockShare[index] ?? 0);
    say('gpu', id, 'throttle_reasons', gpus.reasons[index] ?? 0);
  });
};

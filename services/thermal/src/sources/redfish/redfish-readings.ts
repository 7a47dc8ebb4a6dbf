import { throttleReasons } from '@isotherm/plant';
import type { RawReading } from '../../telemetry/reading.ts';
import type { ThrottleGrowth } from '../throttle-growth.ts';
import { isoDurationS } from './iso-duration.ts';
import { at, listAt, numberAt, type Resource, textAt } from './redfish-json.ts';

/** What a controller is of. */
export interface RedfishTarget {
  readonly level: 'server' | 'rack' | 'row' | 'ups' | 'aisle';
  readonly id: string;
}

type Found = readonly [quantity: string, value: number | undefined];

const readingsOf = (
  { level, id }: { readonly level: string; readonly id: string },
  found: readonly Found[],
): readonly RawReading[] =>
  found.flatMap(([quantity, value]) =>
    value === undefined ? [] : [{ level, id, quantity, value }],
  );

/** ThermalMetrics of a server: the air before and behind it. */
export const thermalReadings = (
  metrics: Resource,
  target: RedfishTarget,
): readonly RawReading[] => {
  const summary = (name: string): number | undefined =>
    numberAt(metrics, 'TemperatureSummaryCelsius', name, 'Reading') ?? hottest(metrics, name);
  const perMinute = numberAt(metrics, 'AirFlowCubicMetersPerMinute', 'Reading');
  const airflow: Found = ['airflow_m3s', perMinute === undefined ? undefined : perMinute / 60];
  if (target.level === 'aisle')
    return readingsOf(target, [['supply_c', summary('Intake')], airflow]);
  if (target.level !== 'server') return [];
  return readingsOf(target, [
    ['inlet_c', summary('Intake')],
    ['exhaust_c', summary('Exhaust')],
    airflow,
  ]);
};

/** Where nothing is summed up: the hottest of the sensors in that place. */
const hottest = (metrics: Resource, place: string): number | undefined => {
  const values = listAt(metrics, 'TemperatureReadingsCelsius')
    .filter((sensor) => textAt(sensor, 'PhysicalContext') === place)
    .flatMap((sensor) => numberAt(sensor, 'Reading') ?? []);
  return values.length === 0 ? undefined : Math.max(...values);
};

const joulesInKwh = 3.6e6;

const energyJ = (metrics: Resource): number | undefined => {
  const kwh = numberAt(metrics, 'EnergykWh', 'Reading');
  return (
    numberAt(metrics, 'EnergyJoules', 'Reading') ??
    (kwh === undefined ? undefined : kwh * joulesInKwh)
  );
};

/** EnvironmentMetrics of a chassis: watts, energy, fans. */
export const environmentReadings = (
  metrics: Resource,
  target: RedfishTarget,
): readonly RawReading[] => {
  const power: Found = ['power_w', numberAt(metrics, 'PowerWatts', 'Reading')];
  if (target.level === 'aisle') return [];
  if (target.level !== 'server') return readingsOf(target, [power]);
  const fans = listAt(metrics, 'FanSpeedsPercent').flatMap((fan) => numberAt(fan, 'Reading') ?? []);
  const mean = fans.reduce((sum, each) => sum + each, 0) / fans.length;
  return readingsOf(target, [
    power,
    ['energy_j', energyJ(metrics)],
    ['fan_share', fans.length === 0 ? undefined : mean / 100],
  ]);
};

/** PowerSubsystem of what feeds servers: what it may deliver. */
export const powerReadings = (subsystem: Resource, target: RedfishTarget): readonly RawReading[] =>
  target.level === 'server' || target.level === 'aisle'
    ? []
    : readingsOf(target, [['capacity_w', numberAt(subsystem, 'CapacityWatts')]]);

/** EnvironmentMetrics of a GPU's processor. */
export const gpuEnvironmentReadings = (metrics: Resource, gpu: string): readonly RawReading[] =>
  readingsOf({ level: 'gpu', id: gpu }, [
    ['core_c', numberAt(metrics, 'TemperatureCelsius', 'Reading')],
    ['power_w', numberAt(metrics, 'PowerWatts', 'Reading')],
    ['energy_j', energyJ(metrics)],
  ]);

/** ProcessorMetrics of a GPU: its margin, its clock, and why that was lowered. */
export const processorReadings = (
  metrics: Resource,
  gpu: string,
  growth: ThrottleGrowth,
): readonly RawReading[] =>
  readingsOf({ level: 'gpu', id: gpu }, [
    ['core_margin_c', numberAt(metrics, 'ThrottlingCelsius')],
    ['clock_mhz', numberAt(metrics, 'OperatingSpeedMHz')],
    ['throttle_reasons', reasonsOf(metrics, gpu, growth)],
  ]);

/** Reasons by name as NVIDIA's controllers tell them, in lower-case letters: HWThermalSlowdown, SWPowerCap … */
const reasonBits: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(throttleReasons).map(([name, bit]) => [name.toLowerCase(), bit]),
);

const reasonsOf = (metrics: Resource, gpu: string, growth: ThrottleGrowth): number | undefined => {
  const durationS = (name: string): number | undefined => {
    const text = textAt(metrics, name);
    return text === undefined ? undefined : isoDurationS(text);
  };
  const thermal = durationS('ThermalLimitThrottleDuration');
  const power = durationS('PowerLimitThrottleDuration');
  const named = at(metrics, 'Oem', 'Nvidia', 'ThrottleReasons');
  if (thermal === undefined && power === undefined && !Array.isArray(named)) return undefined;
  const grown = growth.since(gpu, { thermal, power });
  return listAt(metrics, 'Oem', 'Nvidia', 'ThrottleReasons').reduce<number>((mask, reason) => {
    const name = typeof reason === 'string' ? reason.toLowerCase().replaceAll(/[^a-z]/g, '') : '';
    return mask | (reasonBits[name] ?? 0);
  }, grown);
};

import type { GetRoomResponse, LevelState, ServerState, ThermalLevel } from '@isotherm/proto';

/** The room for programs; the unit is the end of each name. */
export const roomJson = (room: GetRoomResponse): object => ({
  name: room.name,
  kind: room.kind,
  plant_s: room.plantS,
  time_scale: room.timeScale,
  outside_c: room.outsideC,
  throttle_events: room.throttleEvents,
  emergencies: room.emergencies.map((each) => ({
    ...{ id: each.id, kind: each.kind, scope: levelJson(each.scope) },
    ...{ to_share: each.toShare, by_k: each.byK, for_s: each.forS, since_ms: each.sinceMs },
  })),
  levels: room.levels.map(stateJson),
  servers: room.servers.map(serverJson),
});

const levelJson = (level: ThermalLevel | null): string | null =>
  level === null ? null : `${level.kind}:${level.id}`;

/** Of an aisle the numbers are cubic metres of air per second, of all others watts. */
const stateJson = (each: LevelState): object => {
  const unit = each.level?.kind === 'aisle' ? 'm3s' : 'w';
  return {
    ...{ level: levelJson(each.level), parent: levelJson(each.parent), state: each.state },
    [`used_${unit}`]: each.used,
    [`limit_${unit}`]: each.limit,
    [`limit_nominal_${unit}`]: each.limitNominal,
    [`predicted_${unit}`]: each.predicted,
    ...(unit === 'm3s' && { supply_c: each.supplyC }),
  };
};

const serverJson = (server: ServerState): object => ({
  ...{ id: server.id, class: server.class, tenant: server.tenant },
  ...{ above: server.above.map(levelJson), instances: server.instanceIds },
  ...{ inlet_c: server.inletC, power_w: server.powerW, limit_w: server.limitW },
  ...{ fan_share: server.fanShare, reading_age_s: server.readingAgeS },
  gpus: server.gpus.map((gpu) => ({
    ...{ index: gpu.index, core_c: gpu.coreC, memory_c: gpu.memoryC, power_w: gpu.powerW },
    ...{ slowdown_c: gpu.slowdownC, shutdown_c: gpu.shutdownC, utilisation: gpu.utilisation },
    ...{ clock_share: gpu.clockShare, throttle_reasons: gpu.throttleReasons },
    ...{ core_predicted_c: gpu.corePredictedC, shut_down: gpu.shutDown },
  })),
});

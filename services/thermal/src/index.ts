export * from './telemetry/source.ts';
export type { RawReading } from './telemetry/reading.ts';
export { startThermal } from './thermal.ts';
export { thermalSettings, type ThermalSettings } from './settings.ts';
export { readRoomFile, type RoomFile, TopologyError } from './topology/room-file.ts';
export { type HistoryStore, memoryHistory } from './history/store.ts';
export { redisHistory } from './history/redis-history.ts';

export * from './port.ts';
export * from './batch-port.ts';
export {
  deliveriesMax,
  priorityMax,
  type Fabric,
  type FabricProblem,
  type ReportProblem,
} from './fabric.ts';
export {
  memoryFabric,
  type MemoryFabric,
  type MemoryFabricOptions,
} from './memory/memory-fabric.ts';
export { redisFabric, type RedisFabricOptions } from './redis/redis-fabric.ts';

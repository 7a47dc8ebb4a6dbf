/**
 * Engines of the stages behind one contract. Nothing heavy is loaded by importing this: graphs and image libraries are
 * imported inside worker threads, when an engine starts.
 */
export * from './contract.ts';
export { footprintOf } from './kv-memory.ts';
export { type ModelFolder, readModelFolder } from './model-folder/model-folder.ts';
export { isPrecision, type Precision, precisions, precisionsIn } from './model-folder/precision.ts';
export * from './onnx/index.ts';
export { clockShareMin, createPace, type Pace } from './pace/pace.ts';
export * from './pace/paced-engines.ts';
export * from './profile/index.ts';
export type {
  AnswerOptions,
  MonolithAnswer,
  MonolithMessage,
  MonolithPart,
} from './reference/monolith-calls.ts';
export * from './switching/switchable-engines.ts';
export * from './switching/variant.ts';
export { createMonolith, type Monolith, type MonolithOptions } from './reference/run-monolith.ts';

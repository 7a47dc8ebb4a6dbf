/** Engines that run ONNX graphs, each on threads of its own; importing this loads no graph and no runtime. */
export {
  type OnnxDecodeEngine,
  onnxDecodeEngine,
  type OnnxDecodeOptions,
} from './decode-engine.ts';
export { onnxEncodeEngine, type OnnxEncodeOptions } from './encode-engine.ts';
export type { OnnxEngineOptions, Supervised } from './engine-options.ts';
export type { RunnerKind } from './runner-kind.ts';
export { onnxPrefillEngine, type OnnxPrefillOptions } from './prefill-engine.ts';

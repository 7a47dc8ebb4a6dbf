import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Fault } from '@isotherm/kernel';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { Precision } from '../model-folder/precision.ts';
import type { FloatData, FloatType } from './float-data.ts';

/** What an engine's thread has to know to load its graphs. */
export interface GraphOptions {
  readonly modelDir: string;
  readonly precision: Precision;
  /** Threads inside one operator; 1 suits small models and shared cores. */
  readonly threads: number;
  /** `merged`: the decoder that gives back the whole cache, also where the folder has one that need not. */
  readonly decoder?: 'merged' | undefined;
}

export type Feeds = Record<string, OrtTensor>;
/** Outputs wanted; a tensor is written to, `null` is allocated by the runtime. */
export type Fetches = Readonly<Record<string, OrtTensor | null>>;

/** Opens a graph. The runtime blocks the thread that runs it: worker threads only. */
export const openSession = async (path: string, threads: number): Promise<InferenceSession> => {
  try {
    return await InferenceSession.create(path, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Fault('unsupported', `${basename(path)} cannot be loaded: ${reason}`, { cause });
  }
};

/** Whether a graph contains an operator: its name stands in the file as it is written. */
export const hasOperator = async (path: string, operator: string): Promise<boolean> =>
  (await readFile(path)).includes(operator);

export const int64Tensor = (values: ArrayLike<number>, shape: readonly number[]): OrtTensor =>
  new OrtTensor(
    'int64',
    BigInt64Array.from(values as ArrayLike<number> & Iterable<number>, BigInt),
    shape,
  );

export const boolTensor = (value: boolean): OrtTensor =>
  new OrtTensor('bool', Uint8Array.of(value ? 1 : 0), [1]);

export const floatTensor = (
  type: FloatType,
  data: FloatData,
  shape: readonly number[],
): OrtTensor =>
  data instanceof Float32Array
    ? new OrtTensor('float32', data, shape)
    : new OrtTensor(type, data, shape);

/** A graph's output as floats of either width. Faults: `internal` when it is missing or something else. */
export const floatOutput = (
  outputs: Readonly<Record<string, OrtTensor>>,
  name: string,
): { readonly type: FloatType; readonly data: FloatData; readonly shape: readonly number[] } => {
  const tensor = outputs[name];
  if (tensor === undefined) throw new Fault('internal', `The graph gave no output ${name}.`);
  const { data, type, dims } = tensor;
  if (data instanceof Float32Array) return { type: 'float32', data, shape: dims };
  if (type === 'float16' && ArrayBuffer.isView(data)) {
    const halves = new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
    return { type, data: halves, shape: dims };
  }
  throw new Fault('internal', `The graph's output ${name} is ${type}, not a float tensor.`);
};

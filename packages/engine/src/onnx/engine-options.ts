import { resolve } from 'node:path';
import type { Fault } from '@isotherm/kernel';
import type { Precision } from '../model-folder/precision.ts';
import type { GraphOptions } from './session.ts';

export interface OnnxEngineOptions {
  readonly modelDir: string;
  /** fp32 if not given. */
  readonly precision?: Precision;
  /** Threads inside one operator; 1 if not given. */
  readonly threads?: number;
  /** `merged`: the decoder that gives back the whole cache, for tests and measurements. */
  readonly decoder?: 'merged';
}

/** An engine on threads of its own, which may die under it. */
export interface Supervised {
  /** Resolves with the reason when the engine has died by itself; every call is then rejected with `unavailable`. */
  readonly failed: Promise<Fault>;
}

export const graphOptions = (options: OnnxEngineOptions): GraphOptions => ({
  modelDir: resolve(options.modelDir),
  precision: options.precision ?? 'fp32',
  threads: options.threads ?? 1,
  decoder: options.decoder,
});

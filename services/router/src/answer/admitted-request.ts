import type {
  FileMedium,
  FramesMedium,
  ModelFacts,
  Grammar,
  Sampling,
} from '@isotherm/engine/text';
import type { RequestId } from '@isotherm/kernel';

/** A medium that passed inspection; `tokens` are those of the model's own rule. */
export type AdmittedMedium = (FileMedium | FramesMedium) & {
  /** The request field that holds it, as the client spells it. */
  readonly param: string;
};

/** A request that has been validated, counted and given its bounds; nothing of it can fail for what it asks. */
export interface AdmittedRequest {
  readonly id: RequestId;
  readonly model: string;
  /** The prompt with media placeholders expanded. */
  readonly tokenIds: Int32Array;
  /** Those of `tokenIds` that no encoder makes. */
  readonly textTokens: number;
  /** How the model reads media, on which the load of its stages depends. */
  readonly architecture: ModelFacts['architecture'];
  /** In the order of the parts. */
  readonly media: readonly AdmittedMedium[];
  /** Most tokens to generate. */
  readonly tokensMax: number;
  /** The seed is fixed here, so that a migrated request draws the same tokens. */
  readonly sampling: Sampling;
  /** Strings before which the text ends. */
  readonly stop: readonly string[];
  /** What the answer has to be. */
  readonly grammar: Grammar | undefined;
  /** Unix time in milliseconds. */
  readonly deadlineMs: number;
}

import type { Stage } from '@isotherm/kernel';
import type { MediaReading } from '../route/load/stage-tokens.ts';

/** What a model is asked for, in tokens a second. */
export interface TokenRates {
  readonly textTokensPerS: number;
  readonly mediaTokensPerS: number;
  readonly generatedTokensPerS: number;
}

/**
 * Load of a stage in tokens a second of its modality (ModServe, section on autoscaling): media for encoders; for prefill the
 * text alone with cross-attention and all of the prompt in decoder-only models; what is generated for decode, as profiles
 * count it.
 */
export const stageLoad = (
  stage: Stage,
  reading: MediaReading,
  { textTokensPerS, mediaTokensPerS, generatedTokensPerS }: TokenRates,
): number => {
  const prompt = reading === 'decoder-only' ? textTokensPerS + mediaTokensPerS : textTokensPerS;
  switch (stage) {
    case 'encode':
      return mediaTokensPerS;
    case 'prefill':
      return prompt;
    case 'decode':
      return generatedTokensPerS;
    case 'whole':
      return textTokensPerS + mediaTokensPerS + generatedTokensPerS;
    default:
      return stage satisfies never;
  }
};

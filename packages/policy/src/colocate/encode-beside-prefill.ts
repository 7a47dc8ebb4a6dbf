/** Bounds of media that are encoded beside the prompt. */
export interface ColocateSettings {
  /** Most media tokens of a request; 0 never prefers it. */
  readonly colocateTokensMax: number;
  /** Most media of a request. */
  readonly colocateMediaMax: number;
}

/**
 * Whether the media of a request are best encoded in a process that also runs prompts. Few or small media cost little
 * there, and their embeddings need no transfer; many or large ones would keep prompts waiting, and belong to encoders.
 */
export const encodesBesidePrefill = (
  mediaTokens: readonly number[],
  { colocateTokensMax, colocateMediaMax }: ColocateSettings,
): boolean => {
  if (mediaTokens.length === 0 || mediaTokens.length > colocateMediaMax) return false;
  return mediaTokens.reduce((sum, tokens) => sum + tokens, 0) <= colocateTokensMax;
};

/** What both doors take of each parameter of sampling; OpenAI's bounds where it has the parameter. */
export const samplingBounds = {
  temperature: { min: 0, max: 2 },
  /** 0 is all. */
  topK: { min: 0, max: 2 ** 31 - 1 },
  minP: { min: 0, max: 1 },
  /** Above 0. */
  repetitionPenalty: { max: 10 },
  presencePenalty: { min: -2, max: 2 },
  frequencyPenalty: { min: -2, max: 2 },
  logitBias: { min: -100, max: 100, entriesMax: 300 },
  topLogprobs: { max: 20 },
} as const;

/** Stop strings of one request, and the length of each in UTF-16 units. */
export const stopBounds = { countMax: 4, charactersMax: 256 } as const;

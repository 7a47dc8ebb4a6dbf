import type { Arrival, ArrivalSource } from './arrival.ts';
import { type RateCurve, rateShareAt } from './rate-curve.ts';

export const traceFormats = ['azure', 'mooncake'] as const;
/**
 * `azure`: CSV of Azure's traces of inference, `TIMESTAMP,ContextTokens,GeneratedTokens`, with `NumImages` in second place where
 * it is the multimodal one. `mooncake`: a JSON object a line, `timestamp` in ms, `input_length`, `output_length`; its hashes of blocks
 * are not used.
 */
export type TraceFormat = (typeof traceFormats)[number];

/** Requests of a trace in columns, in the order of time, which begins at 0. */
export interface Trace {
  readonly atMs: Float64Array;
  readonly contextTokens: Int32Array;
  readonly images: Int32Array;
  readonly answerTokens: Int32Array;
}

export type ParsedTrace =
  | { readonly kind: 'ok'; readonly trace: Trace }
  | { readonly kind: 'refused'; readonly reason: string };

interface Row {
  readonly atMs: number;
  readonly images: number;
  readonly contextTokens: number;
  readonly answerTokens: number;
}

export const parseTrace = (text: string, format: TraceFormat): ParsedTrace => {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const [head = ''] = lines;
  const hasImages = /(?:^|,)NumImages(?:,|$)/.test(head);
  const isHead = format === 'azure' && head.startsWith('TIMESTAMP');
  const rows: Row[] = [];
  for (const [at, line] of lines.entries()) {
    if (at === 0 && isHead) continue;
    const row = format === 'azure' ? azureRow(line, hasImages) : mooncakeRow(line);
    if (row === undefined) return { kind: 'refused', reason: `line ${at + 1} is no request` };
    rows.push(row);
  }
  if (rows.length === 0) return { kind: 'refused', reason: 'has no request' };
  const sorted = rows.toSorted((a, b) => a.atMs - b.atMs);
  const firstMs = sorted[0]?.atMs ?? 0;
  return {
    kind: 'ok',
    trace: {
      atMs: Float64Array.from(sorted, ({ atMs }) => atMs - firstMs),
      contextTokens: Int32Array.from(sorted, (row) => row.contextTokens),
      images: Int32Array.from(sorted, ({ images }) => images),
      answerTokens: Int32Array.from(sorted, (row) => row.answerTokens),
    },
  };
};

/** `2023-11-16 18:15:46.6805900` or ISO 8601 with a zone; without one it is taken for UTC. */
const timeOf = (text: string): number => {
  const [, day, clock, fraction = ''] =
    /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(\.\d+)?Z?$/.exec(text.trim()) ?? [];
  if (day === undefined || clock === undefined) return Number.NaN;
  return Date.parse(`${day}T${clock}Z`) + Number(`0${fraction}`) * 1000;
};

const azureRow = (line: string, hasImages: boolean): Row | undefined => {
  const fields = line.split(',');
  if (fields.length !== (hasImages ? 4 : 3)) return undefined;
  const images = hasImages ? (fields[1] ?? '') : '0';
  const [context = '', answer = ''] = fields.slice(hasImages ? 2 : 1);
  return checked({
    ...{ atMs: timeOf(fields[0] ?? ''), images: Number(images) },
    ...{ contextTokens: Number(context), answerTokens: Number(answer) },
  });
};

const mooncakeRow = (line: string): Row | undefined => {
  try {
    const fields = JSON.parse(line) as Readonly<Record<string, unknown>>;
    return checked({
      ...{ atMs: Number(fields['timestamp']), images: 0 },
      contextTokens: Number(fields['input_length']),
      answerTokens: Number(fields['output_length']),
    });
  } catch {
    return undefined;
  }
};

const checked = (row: Row): Row | undefined => {
  const { atMs, images, contextTokens, answerTokens } = row;
  const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0;
  const areCounts = isCount(images) && isCount(contextTokens) && isCount(answerTokens);
  return areCounts && Number.isFinite(atMs) ? row : undefined;
};

export interface TraceOptions {
  /** How many times as many requests come in a time. */
  readonly rateScale: number;
  readonly imagesMax: number;
  /** Tokens of a picture: the model's. */
  readonly imageTokens: number;
  /** How the rate goes over a week: gaps of the trace are stretched by it. */
  readonly curve?: RateCurve;
}

/**
 * The requests of a trace, over and over: after its last request, and the mean time between two, it begins again. The context of a
 * request with pictures counts their tokens, of an unknown model: what is left after as many of this model's, at least a
 * twentieth, is taken for text.
 */
export const traceArrivals = (trace: Trace, options: TraceOptions): ArrivalSource => {
  const { rateScale, imagesMax, imageTokens, curve } = options;
  const count = trace.atMs.length;
  const lastMs = trace.atMs[count - 1] ?? 0;
  const roundMs = lastMs + (count > 1 ? lastMs / (count - 1) : 1000);
  const arrival = { atMs: 0, textTokens: 0, media: 0, mediumTokens: imageTokens, answerTokens: 0 };
  let at = 0;
  let beganMs = 0;
  let beforeMs = 0;
  return {
    next: (): Arrival => {
      if (at === count) {
        at = 0;
        beganMs += roundMs;
      }
      const context = trace.contextTokens[at] ?? 0;
      const atMs = (beganMs + (trace.atMs[at] ?? 0)) / rateScale;
      if (curve === undefined) arrival.atMs = atMs;
      else arrival.atMs += (atMs - beforeMs) / rateShareAt(curve, arrival.atMs);
      beforeMs = atMs;
      arrival.media = Math.min(imagesMax, trace.images[at] ?? 0);
      const text = context - arrival.media * imageTokens;
      arrival.textTokens = Math.max(1, Math.ceil(Math.max(text, context / 20)));
      arrival.answerTokens = Math.max(1, trace.answerTokens[at] ?? 1);
      at += 1;
      return arrival;
    },
  };
};

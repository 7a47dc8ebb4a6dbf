import type {
  Answered,
  CacheChange,
  DecodeEvent,
  Encoded,
  EncoderEvent,
  Failed,
  HandedOver,
  Load,
  Prefilled,
  PrefillEvent,
  StepToken,
  UpstreamEvent,
  UpstreamText,
} from '@isotherm/proto';

/** The events of all stages as one union: what a router hears from an instance. */
export type StageEvent =
  | { readonly kind: 'accepted'; readonly jobId: string }
  | { readonly kind: 'encoded'; readonly jobId: string; readonly value: Encoded }
  | { readonly kind: 'prefilled'; readonly jobId: string; readonly value: Prefilled }
  | {
      readonly kind: 'token';
      readonly jobId: string;
      readonly value: StepToken;
      readonly batch: number;
    }
  | { readonly kind: 'text'; readonly jobId: string; readonly value: UpstreamText }
  | { readonly kind: 'answered'; readonly jobId: string; readonly value: Answered }
  | { readonly kind: 'handedOver'; readonly jobId: string; readonly value: HandedOver }
  | { readonly kind: 'failed'; readonly jobId: string; readonly value: Failed }
  | { readonly kind: 'load'; readonly value: Load }
  | { readonly kind: 'cache'; readonly value: CacheChange };

/** Events of the stages' own messages; cases that are unknown here (a newer peer) are left out. */
export const stageEvents = (
  message: EncoderEvent | PrefillEvent | DecodeEvent | UpstreamEvent,
): readonly StageEvent[] => {
  if (isSet(message.load)) return [{ kind: 'load', value: message.load }];
  if (isSet(message.accepted)) return [{ kind: 'accepted', jobId: message.accepted.jobId }];
  if (isSet(message.failed)) {
    return [{ kind: 'failed', jobId: message.failed.jobId, value: message.failed }];
  }
  if ('cache' in message && isSet(message.cache)) return [{ kind: 'cache', value: message.cache }];
  if ('encoded' in message && isSet(message.encoded)) {
    return [{ kind: 'encoded', jobId: message.encoded.jobId, value: message.encoded }];
  }
  if ('prefilled' in message && isSet(message.prefilled)) {
    return [{ kind: 'prefilled', jobId: message.prefilled.jobId, value: message.prefilled }];
  }
  if ('step' in message && isSet(message.step)) {
    const { tokens, batch } = message.step;
    return tokens.map((value) => ({ kind: 'token', jobId: value.jobId, value, batch }));
  }
  if ('text' in message && isSet(message.text)) {
    return [{ kind: 'text', jobId: message.text.jobId, value: message.text }];
  }
  if ('answered' in message && isSet(message.answered)) {
    return [{ kind: 'answered', jobId: message.answered.jobId, value: message.answered }];
  }
  if ('handedOver' in message && isSet(message.handedOver)) {
    return [{ kind: 'handedOver', jobId: message.handedOver.jobId, value: message.handedOver }];
  }
  return [];
};

/** proto-loader leaves out the cases of a oneof that are not set; a message field may also be null. */
const isSet = <Value>(value: Value | null | undefined): value is Value =>
  value !== null && value !== undefined;

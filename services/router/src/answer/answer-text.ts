import type { TextModel, TokenLogprobs } from '@isotherm/engine/text';
import { createStopFilter } from './stop-strings.ts';

/** A token as the client sees it, with its log-probability. */
export interface SpelledToken {
  readonly id: number;
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly logprob: number;
}

export interface SpelledLogprobs extends SpelledToken {
  readonly top: readonly SpelledToken[];
}

/** Text to send, and the log-probabilities of the tokens whose text it completes. */
export interface AnswerPiece {
  readonly text: string;
  readonly logprobs: readonly SpelledLogprobs[];
}

/** A token of an answer, as a stage tells of it. */
export interface AnswerToken {
  readonly token: number;
  readonly logprobs: TokenLogprobs | null;
}

/** From tokens to what the client gets: whole characters, cut off where a stop string begins. */
export interface AnswerText {
  /** The text that these complete; of tokens after a stop string nothing. */
  push(tokens: readonly AnswerToken[]): AnswerPiece & { readonly stopped: boolean };
  end(): AnswerPiece;
}

/** A token's log-probability, and where its text lies in the whole text. */
interface Waiting {
  readonly logprobs: SpelledLogprobs;
  readonly start: number;
  readonly end: number;
}

/** Least log-probability that is reported: JSON has no minus infinity. OpenAI's value. */
const logprobMin = -9999;

export const createAnswerText = (model: TextModel, stops: readonly string[]): AnswerText => {
  const detokenizer = model.detokenizer();
  const filter = createStopFilter(stops);
  const waiting: Waiting[] = [];
  let made = 0;
  let sent = 0;

  const take = (wanted: (one: Waiting) => boolean): readonly SpelledLogprobs[] => {
    const count = waiting.findIndex((one) => !wanted(one));
    const taken = waiting.splice(0, count < 0 ? waiting.length : count);
    return taken.map((one) => one.logprobs);
  };
  const pushOne = ({ token, logprobs }: AnswerToken): ReturnType<AnswerText['push']> => {
    const piece = detokenizer.push(token);
    const start = made;
    made += piece.length;
    if (logprobs !== null) {
      waiting.push({ logprobs: spell(model, token, logprobs), start, end: made });
    }
    const { text, stopped } = filter.push(piece);
    sent += text.length;
    // Of a token that the stop string cuts in two the client sees a part: it belongs to the answer.
    const shown = stopped
      ? take((one) => one.start < sent)
      : take((one) => text !== '' && one.end <= sent);
    return { text, stopped, logprobs: shown };
  };
  return {
    push: (tokens) => {
      let text = '';
      const logprobs: SpelledLogprobs[] = [];
      for (const token of tokens) {
        const piece = pushOne(token);
        text += piece.text;
        logprobs.push(...piece.logprobs);
        if (piece.stopped) return { text, logprobs, stopped: true };
      }
      return { text, logprobs, stopped: false };
    },
    end: () => {
      const { text, stopped } = filter.push(detokenizer.end());
      const rest = stopped ? text : text + filter.end();
      return { text: rest, logprobs: take(() => true) };
    },
  };
};

const spell = (
  model: TextModel,
  token: number,
  { logprob, top }: TokenLogprobs,
): SpelledLogprobs => {
  const spelled = (id: number, value: number): SpelledToken => {
    const bytes = model.tokenBytes(id);
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    return { id, bytes, text, logprob: Math.max(value, logprobMin) };
  };
  return {
    ...spelled(token, logprob),
    top: top.map((one) => spelled(one.token, one.logprob)),
  };
};

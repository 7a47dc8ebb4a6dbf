import { chatBody, type Question } from '../client/chat-body.ts';
import type { ChatClient, StageFacts, StreamedAnswer } from '../client/chat-client.ts';
import { median, percentile, round, summarize, type Summary } from '../report/percentiles.ts';
import type { DirectAnswer, DirectEngine } from './direct-engine.ts';

/** One run: the same question asked both ways in turn, one request at a time; all in milliseconds. */
export interface LatencyRun {
  readonly firstToken: Compared;
  /** (last token - first token) / (tokens - 1). */
  readonly perToken: Compared;
  readonly tokens: number;
  /** Medians of the router's account, by stage. */
  readonly stages: readonly StageFacts[];
}

/** `added` is the difference of the two percentiles, not the percentile of differences. */
export interface Compared {
  readonly fabric: Summary;
  readonly direct: Summary;
  readonly addedP50: number;
  readonly addedP99: number;
}

export interface LatencyOptions {
  readonly client: ChatClient;
  readonly direct: DirectEngine;
  readonly question: Question;
  /** Requests of each kind. */
  readonly requests: number;
}

export const measureAddedLatency = async (options: LatencyOptions): Promise<LatencyRun> => {
  const { client, direct, question, requests } = options;
  const body = chatBody(question);
  const fabricAnswers: StreamedAnswer[] = [];
  const directAnswers: DirectAnswer[] = [];
  for (let index = 0; index < requests; index++) {
    const [a, b] = [await direct.answer(question), await client.ask(body)];
    if (a.text !== b.text || a.tokens !== b.tokens) {
      throw new Error(`The texts differ: ${JSON.stringify(a.text)}, ${JSON.stringify(b.text)}.`);
    }
    directAnswers.push(a);
    fabricAnswers.push(b);
  }
  return {
    firstToken: compare(fabricAnswers, directAnswers, ({ firstMs }) => firstMs),
    perToken: compare(fabricAnswers, directAnswers, perTokenMs),
    tokens: fabricAnswers[0]?.tokens ?? 0,
    stages: medianStages(fabricAnswers.map(({ stages }) => stages)),
  };
};

const perTokenMs = ({ firstMs, lastMs, tokens }: DirectAnswer): number =>
  tokens > 1 ? (lastMs - firstMs) / (tokens - 1) : 0;

const compare = (
  fabricAnswers: readonly DirectAnswer[],
  directAnswers: readonly DirectAnswer[],
  figure: (answer: DirectAnswer) => number,
): Compared => {
  const fabric = fabricAnswers.map(figure);
  const direct = directAnswers.map(figure);
  const added = (share: number): number =>
    round(percentile(fabric, share) - percentile(direct, share));
  return {
    fabric: summarize(fabric),
    direct: summarize(direct),
    addedP50: added(0.5),
    addedP99: added(0.99),
  };
};

const medianStages = (requests: readonly (readonly StageFacts[])[]): readonly StageFacts[] => {
  const names = [...new Set(requests.flat().map(({ stage }) => stage))];
  return names.map((stage) => {
    const of = requests.flat().filter((facts) => facts.stage === stage);
    const middle = (key: Exclude<keyof StageFacts, 'stage'>): number =>
      round(median(of.map((facts) => facts[key])));
    return {
      stage,
      total_ms: middle('total_ms'),
      lane_wait_ms: middle('lane_wait_ms'),
      pull_ms: middle('pull_ms'),
      queue_ms: middle('queue_ms'),
      engine_ms: middle('engine_ms'),
      batch: middle('batch'),
    };
  });
};

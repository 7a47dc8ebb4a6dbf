import { setTimeout as delay } from 'node:timers/promises';
import { fixtureQuestions } from '../../harness/fixture.ts';
import { profileAnswer } from '../../harness/profile-answer.ts';
import { within } from '../../harness/until.ts';
import { ask, type Asking, type Ending, type Question } from './ask.ts';
import { compareTexts } from './compare-texts.ts';
import { inflict } from './inflict.ts';
import { placesOfEach, type PlannedRequest, type RunPlan } from './plan.ts';
import { expectNothingHeld, makeWhole } from './recover.ts';
import type { Scene } from './scene.ts';

/** What a run has shown. It was survived when `problems` is empty. */
export interface RunReport {
  readonly requests: number;
  readonly answered: number;
  readonly refused: number;
  readonly migrations: number;
  /** Ended without an answer and without an explicit refusal. */
  readonly lost: number;
  readonly extraTokens: number;
  readonly missingTokens: number;
  /** Requests without an end in time, and things that were still held when all requests had ended. */
  readonly stuck: number;
  readonly slowestMs: number;
  /** How those ended that were refused, each with how often. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

/** Deadline of each request, and how long after it its end may come, in milliseconds. */
const timeoutMs = 15_000;
const endGraceMs = 3000;
const endMark = 2;
const probeTimeoutMs = 8000;
/** Connections that were refused are tried again after at most two seconds. */
const recoveryMsMax = 5000;
const probeEveryMs = 250;

const fixture = fixtureQuestions();

export const questionOf = ({ pictures, maxTokens }: PlannedRequest, index: number): Question => {
  const bytes = pictures.flatMap((picture) => fixture[picture]?.bytes ?? []);
  const text = `${index}: ${fixture[pictures[0] ?? index]?.question ?? 'What is there?'}`;
  return {
    pictures: bytes,
    text,
    request: {
      messages: [{ role: 'user', parts: [...bytes.map((image) => ({ image })), { text }] }],
      maxTokens,
    },
  };
};

/** The real model would say a word and stop: so it has to talk on. */
const talkingOn = (question: Question): Question => ({
  ...question,
  request: { ...question.request, logitBias: { [endMark]: -100 } },
});

interface Told {
  readonly ending: Ending | { readonly kind: 'stuck' };
  readonly tookMs: number;
}

/** Runs a plan on a scene that is whole and idle. */
export const runPlan = async (scene: Scene, plan: RunPlan): Promise<RunReport> => {
  const questions = plan.requests.map((request, index) => {
    const question = questionOf(request, index);
    return plan.engine === 'panel' ? talkingOn(question) : question;
  });
  const right =
    plan.engine === 'profile'
      ? await Promise.all(questions.map(({ request }) => profileAnswer(request)))
      : await undisturbed(scene, plan.requests, questions);
  const faults = Promise.all(plan.faults.map((fault) => inflict(scene, fault)));
  const told = await Promise.all(
    plan.requests.map(async (request, index) => {
      await delay(request.atMs);
      return tell(scene, request, questions[index], timeoutMs);
    }),
  );
  const troubles: string[] = [];
  await attemptTo('mend', troubles, async () => {
    await faults;
    await makeWhole(scene);
  });
  const probes = plan.requests.slice(0, 2 * placesOfEach).map((request, index) => ({
    ...request,
    router: index % placesOfEach,
  }));
  const probed = await Promise.all(
    probes.map((probe, index) => tellOnceWell(scene, probe, questions[index])),
  );
  for (const [index, { ending, tookMs }] of probed.entries()) {
    if (ending.kind === 'answered') continue;
    troubles.push(`probe ${index} after ${tookMs.toFixed(0)} ms: ${said(ending)}`);
  }
  await attemptTo('be idle', troubles, () => expectNothingHeld(scene));
  return judge(plan, [...told, ...probed], [...right, ...right.slice(0, probes.length)], troubles);
};

const attemptTo = async (
  what: string,
  troubles: string[],
  work: () => Promise<void>,
): Promise<void> => {
  try {
    await work();
  } catch (error) {
    troubles.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const undisturbed = async (
  scene: Scene,
  requests: readonly PlannedRequest[],
  questions: readonly Question[],
): Promise<readonly string[]> =>
  Promise.all(
    requests.map(async (request, index) => {
      const { ending } = await tell(scene, request, questions[index], timeoutMs);
      if (ending.kind !== 'answered') throw new Error(`Nothing is broken, but: ${said(ending)}`);
      return ending.text;
    }),
  );

const tell = async (
  scene: Scene,
  { router, door }: PlannedRequest,
  question: Question | undefined,
  msMax: number,
): Promise<Told> => {
  if (question === undefined) throw new Error('There is no question.');
  const startMs = performance.now();
  const { direct: grpc, http } = scene.place({ service: 'router', index: router });
  const leave = new AbortController();
  const asking: Asking = { grpc, http, door, timeoutMs: msMax, signal: leave.signal };
  try {
    const asked = ask(scene.deployment, question, asking);
    const ending = await within('its end', msMax + endGraceMs, asked);
    return { ending, tookMs: performance.now() - startMs };
  } catch (error) {
    leave.abort();
    const isLate = error instanceof Error && error.message.includes('its end');
    const why = String(error);
    const ending = isLate
      ? { kind: 'stuck' as const }
      : { kind: 'disconnected' as const, text: '', why };
    return { ending, tookMs: performance.now() - startMs };
  }
};

/** After the faults a refusal is right for a moment only. */
const tellOnceWell = async (
  scene: Scene,
  request: PlannedRequest,
  question: Question | undefined,
): Promise<Told> => {
  const endMs = performance.now() + recoveryMsMax;
  for (;;) {
    const told = await tell(scene, request, question, probeTimeoutMs);
    if (told.ending.kind !== 'refused' || performance.now() > endMs) return told;
    await delay(probeEveryMs);
  }
};

const said = (ending: Told['ending']): string => {
  switch (ending.kind) {
    case 'answered':
      return 'answered';
    case 'refused':
      return `${ending.code}: ${ending.why}`;
    case 'disconnected':
      return `disconnected: ${ending.why}`;
    case 'stuck':
      return 'no end';
    default:
      return ending satisfies never;
  }
};

/** What says that it was not the request's fault. */
const explicitCodes: readonly string[] = ['unavailable', 'saturated', 'deadline_exceeded'];

const judge = (
  plan: RunPlan,
  told: readonly Told[],
  right: readonly string[],
  troubles: readonly string[],
): RunReport => {
  const deadRouters = plan.faults.flatMap(({ fault }) =>
    fault.kind === 'kill' && fault.at.service === 'router' ? [fault.at.index] : [],
  );
  const report = { answered: 0, refused: 0, migrations: 0, lost: 0, stuck: troubles.length };
  let extraTokens = 0;
  let missingTokens = 0;
  const problems = [...troubles];
  const refusals: Record<string, number> = {};
  for (const [index, { ending, tookMs }] of told.entries()) {
    const name = `request ${index} after ${tookMs.toFixed(0)} ms`;
    const router = plan.requests[index]?.router;
    const routerDied = router !== undefined && deadRouters.includes(router);
    if (ending.kind === 'stuck') {
      report.stuck += 1;
      problems.push(`${name}: ${said(ending)}`);
      continue;
    }
    if (ending.kind === 'answered') {
      report.answered += 1;
      report.migrations += ending.migrations;
    } else if (ending.kind === 'disconnected' ? routerDied : explicitCodes.includes(ending.code)) {
      report.refused += 1;
      const why = said(ending).replaceAll(/[0-9a-f]{8}|\d+/g, '…');
      refusals[why] = (refusals[why] ?? 0) + 1;
    } else {
      report.lost += 1;
      problems.push(`${name}: ${said(ending)}`);
    }
    const expected = right[index] ?? '';
    const { extra, missing } = compareTexts(ending.text, expected, ending.kind === 'answered');
    extraTokens += extra;
    missingTokens += missing;
    if (extra + missing > 0) problems.push(`${name}: "${ending.text}" instead of "${expected}"`);
  }
  const slowestMs = Math.max(...told.map(({ tookMs }) => tookMs));
  const tokens = { extraTokens, missingTokens };
  return { requests: told.length, ...report, ...tokens, slowestMs, refusals, problems };
};

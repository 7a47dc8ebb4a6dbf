import type { Alarms, Simulation } from '../engine/simulation.ts';
import type { Host, HostThreads } from '../host/host.ts';
import { createSeats, type Seats } from './seats.ts';
import { encodeAllMs, type StageCost, stretchOf } from './stage-cost.ts';
import type { Job, StationBank } from './station-bank.ts';
import { createUsage, type Usage, usageKinds } from './usage.ts';
import { createWaitingLines, type QueueOrder, type WaitingLines } from './waiting-lines.ts';

export interface TextBankOptions {
  readonly stations: number;
  /** A step of all running sequences; the batch's maximum is the number of seats. */
  readonly decode: StageCost;
  /** Where stations run prompts themselves; absent: sequences come with their prompts done. */
  readonly prompt?: PromptCost;
  /** Most tokens whose KV caches a station holds; absent: no bound but the seats. */
  readonly kvTokensMax?: number;
  /** `first-come` where absent. */
  readonly order?: QueueOrder;
  /** Whose cores the stations share; absent: each has one of its own. On a host each step is an event. */
  readonly host?: Host;
  /**
   * Steps that are begun before anybody is let in beside the one that is being made: an engine that runs ahead of its caller;
   * none where absent. Only on a host.
   */
  readonly stepsAhead?: number;
  /** Most steps that are run in one go without looking how contexts have grown; 128 where absent. */
  readonly stepsMax?: number;
  /** Tokens of the context that a sequence begins with. */
  contextOf(job: Job): number;
  /** Tokens that it makes here; where prompts are run here, the first of them is the prompt's. */
  answerOf(job: Job): number;
  onFirstToken?(station: number, job: Job): void;
  /** So many tokens came so long after the ones before them. */
  onTokens?(gapMs: number, tokens: number): void;
  onDone(station: number, job: Job): void;
}

export interface PromptCost {
  readonly prefill: StageCost;
  /** Tokens that the prompt costs. */
  tokensOf(job: Job): number;
  /** Where media are encoded here too, one request after the other. */
  readonly encode?: {
    readonly cost: StageCost;
    mediaOf(job: Job): number;
    tokensOf(job: Job): number;
  };
}

/** What is under way at a station; `turning` between two of them. */
const idle = 0;
const prompting = 1;
const stepping = 2;
const turning = 3;

const encodeKind = usageKinds.indexOf('encode');
const prefillKind = usageKinds.indexOf('prefill');
const decodeKind = usageKinds.indexOf('decode');

const stepsMaxDefault = 128;
const nobodyAsked = -1;
/** What is left of a whole number by rounding. */
const roundingShare = 1e-9;

/**
 * Continuous batching: sequences join and leave between steps, each step makes one token of each. Steps between two changes
 * are alike, so they are computed together: an event is a change, not a step. Prompts that are run here go first, and all
 * sequences wait meanwhile. A sequence is let in when its whole answer fits into the memory, so none is ever preempted.
 */
export const createTextBank = (simulation: Simulation, options: TextBankOptions): StationBank => {
  const bank = stateOf(simulation, options);
  const { lines, seats, usage, phases } = bank;
  return {
    usage,
    waiting: (station) => lines.size(station),
    running: (station) => seats.taken(station) + at(bank.promptCounts, station),
    enqueue: (station, job) => {
      lines.push(station, job);
      if (phases[station] === idle) goOn(bank, station);
      else if (bank.threads !== undefined) holdBack(bank, station);
      else if (fits(bank, station, lines.peek(station))) interrupt(bank, station);
    },
    setClock: (station, share) => {
      const { decode, prompt } = options;
      bank.decodeStretch[station] = stretchOf(decode, share);
      if (prompt !== undefined) bank.promptStretch[station] = stretchOf(prompt.prefill, share);
      if (prompt?.encode !== undefined) {
        bank.encodeStretch[station] = stretchOf(prompt.encode.cost, share);
      }
      interrupt(bank, station);
    },
  };
};

/** All that the stations of a bank remember. */
interface TextBank {
  readonly options: TextBankOptions;
  readonly time: Float64Array;
  readonly alarms: Alarms;
  readonly threads: HostThreads | undefined;
  readonly lines: WaitingLines;
  readonly seats: Seats;
  readonly usage: Usage;
  readonly phases: Int32Array;
  /** Jobs whose prompts are being run: a stretch of so many for each station. */
  readonly prompts: Int32Array;
  readonly promptsMax: number;
  readonly promptCounts: Int32Array;
  /** Of what is under way: when it began; of steps, how many and how long. */
  readonly sinceMs: Float64Array;
  readonly steps: Float64Array;
  readonly stepMs: Float64Array;
  /** How long sequences have waited for prompts since their last token. */
  readonly stallMs: Float64Array;
  /** Steps to make before somebody is let in; −1 where nobody has asked. */
  readonly heldSteps: Int32Array;
  readonly kvTokens: Float64Array;
  readonly decodeStretch: Float64Array;
  readonly promptStretch: Float64Array;
  readonly encodeStretch: Float64Array;
}

const stateOf = ({ time, add }: Simulation, options: TextBankOptions): TextBank => {
  const { stations, decode, prompt } = options;
  const promptsMax = prompt?.prefill.batchMax ?? 0;
  const column = (value = 0): Float64Array => new Float64Array(stations).fill(value);
  const sizeOf = (job: Job): number =>
    prompt === undefined ? options.contextOf(job) : prompt.tokensOf(job);
  const bank: TextBank = {
    options,
    time,
    alarms: add(stations, (station) => turn(bank, station)),
    threads: options.host?.add(stations, (station) => turn(bank, station)),
    lines: createWaitingLines(stations, options.order ?? 'first-come', sizeOf),
    seats: createSeats(stations, decode.batchMax),
    usage: createUsage(time, stations),
    phases: new Int32Array(stations),
    prompts: new Int32Array(stations * promptsMax),
    promptsMax,
    promptCounts: new Int32Array(stations),
    sinceMs: column(),
    steps: column(),
    stepMs: column(),
    stallMs: column(),
    heldSteps: new Int32Array(stations).fill(nobodyAsked),
    kvTokens: column(),
    decodeStretch: column(1),
    promptStretch: column(1),
    encodeStretch: column(1),
  };
  return bank;
};

/** What was under way has ended. */
const turn = (bank: TextBank, station: number): void => {
  const ended = bank.phases[station];
  // Those who leave may set off work for this very station: it waits until the turn is done.
  bank.phases[station] = turning;
  if (ended === prompting) endPrompts(bank, station);
  else endSteps(bank, station);
  goOn(bank, station);
};

/** Who comes while a step is made has to wait for those that are run ahead. */
const holdBack = ({ phases, heldSteps, options }: TextBank, station: number): void => {
  if (phases[station] !== stepping || heldSteps[station] !== nobodyAsked) return;
  heldSteps[station] = options.stepsAhead ?? 0;
};

const mayEnter = (bank: TextBank, station: number): boolean => {
  const { lines, seats, heldSteps } = bank;
  const held = heldSteps[station] as number;
  if (held > 0 && seats.taken(station) > 0) {
    heldSteps[station] = held - 1;
    return false;
  }
  heldSteps[station] = nobodyAsked;
  return lines.size(station) > 0 && fits(bank, station, lines.peek(station));
};

const goOn = (bank: TextBank, station: number): void => {
  const { lines, seats, options } = bank;
  if (mayEnter(bank, station)) {
    if (options.prompt !== undefined) return startPrompts(bank, station, options.prompt);
    do {
      const job = lines.shift(station);
      add(bank.kvTokens, station, kvOf(options, job));
      seats.sit(station, job, options.contextOf(job), Math.max(1, options.answerOf(job)));
    } while (lines.size(station) > 0 && fits(bank, station, lines.peek(station)));
  }
  if (seats.taken(station) > 0) return startSteps(bank, station);
  bank.phases[station] = idle;
  bank.stallMs[station] = 0;
  bank.usage.end(station);
};

const startSteps = (bank: TextBank, station: number): void => {
  const { seats, options } = bank;
  const taken = seats.taken(station);
  // How fast a step on a host is changes with whoever comes and goes there.
  const stepsMax = bank.threads === undefined ? (options.stepsMax ?? stepsMaxDefault) : 1;
  const planned = Math.min(seats.stepsToNext(station), stepsMax);
  const context = seats.context(station) / taken + planned / 2;
  const eachMs = options.decode.timeMs(taken, context) * at(bank.decodeStretch, station);
  bank.steps[station] = planned;
  bank.stepMs[station] = eachMs;
  bank.usage.begin(station, decodeKind, taken);
  begin(bank, station, { phase: stepping, kind: decodeKind }, planned * eachMs);
};

const endSteps = (bank: TextBank, station: number): void => {
  const { seats, options, stallMs } = bank;
  const made = at(bank.steps, station);
  const gapMs =
    bank.threads === undefined
      ? at(bank.stepMs, station)
      : at(bank.time, 0) - at(bank.sinceMs, station);
  const each = seats.taken(station);
  const stalledMs = at(stallMs, station);
  if (stalledMs > 0) options.onTokens?.(gapMs + stalledMs, each);
  const alike = stalledMs > 0 ? made - 1 : made;
  if (alike > 0) options.onTokens?.(gapMs, each * alike);
  stallMs[station] = 0;
  seats.advance(station, made);
  for (let job = seats.leave(station); job >= 0; job = seats.leave(station)) {
    leave(bank, station, job);
  }
};

const startPrompts = (bank: TextBank, station: number, cost: PromptCost): void => {
  const { prompts, promptsMax, promptCounts, lines } = bank;
  const { tokensMax = Infinity } = cost.prefill;
  let tokens = 0;
  let encodeMs = 0;
  let count = 0;
  while (count < promptsMax && lines.size(station) > 0) {
    const next = lines.peek(station);
    const more = cost.tokensOf(next);
    if (!fits(bank, station, next) || (count > 0 && tokens + more > tokensMax)) break;
    const job = lines.shift(station);
    prompts[station * promptsMax + count] = job;
    count += 1;
    promptCounts[station] = count;
    add(bank.kvTokens, station, kvOf(bank.options, job));
    tokens += more;
    if (cost.encode !== undefined) encodeMs += encodeMsOf(cost.encode, job);
  }
  const prefillMs = cost.prefill.timeMs(count, tokens / count);
  const kind = encodeMs > prefillMs ? encodeKind : prefillKind;
  bank.usage.begin(station, kind, count);
  const encodesMs = encodeMs * at(bank.encodeStretch, station);
  const lastsMs = encodesMs + prefillMs * at(bank.promptStretch, station);
  begin(bank, station, { phase: prompting, kind }, lastsMs);
};

const endPrompts = (bank: TextBank, station: number): void => {
  const { options, seats, promptCounts, promptsMax, prompts } = bank;
  const lastedMs = at(bank.time, 0) - at(bank.sinceMs, station);
  if (seats.taken(station) > 0) add(bank.stallMs, station, lastedMs);
  const count = at(promptCounts, station);
  promptCounts[station] = 0;
  for (let place = 0; place < count; place += 1) {
    const job = at(prompts, station * promptsMax + place);
    options.onFirstToken?.(station, job);
    const left = options.answerOf(job) - 1;
    if (left > 0) seats.sit(station, job, options.contextOf(job) + 1, left);
    else leave(bank, station, job);
  }
};

const begin = (
  bank: TextBank,
  station: number,
  { phase, kind }: { readonly phase: number; readonly kind: number },
  lastsMs: number,
): void => {
  const nowMs = at(bank.time, 0);
  bank.phases[station] = phase;
  bank.sinceMs[station] = nowMs;
  if (bank.threads === undefined) bank.alarms.set(station, nowMs + lastsMs);
  else bank.threads.begin(station, kind, lastsMs);
};

/** Ends the steps that are under way with the one that is being made. */
const interrupt = (
  { phases, stepMs, steps, sinceMs, time, alarms }: TextBank,
  station: number,
): void => {
  if (phases[station] !== stepping) return;
  const eachMs = at(stepMs, station);
  const fromMs = at(sinceMs, station);
  const begun = Math.max(1, Math.ceil((at(time, 0) - fromMs) / eachMs - roundingShare));
  if (begun >= at(steps, station)) return;
  steps[station] = begun;
  alarms.set(station, fromMs + begun * eachMs);
};

const leave = ({ options, kvTokens }: TextBank, station: number, job: Job): void => {
  add(kvTokens, station, -kvOf(options, job));
  options.onDone(station, job);
};

/** Whether a job could join now. Where nobody is, anybody can: what never fits would wait for ever. */
const fits = (bank: TextBank, station: number, job: Job): boolean => {
  const { seats, options, promptCounts, kvTokens } = bank;
  const taken = seats.taken(station) + at(promptCounts, station);
  if (taken === 0) return true;
  const { decode, kvTokensMax = Infinity } = options;
  return taken < decode.batchMax && at(kvTokens, station) + kvOf(options, job) <= kvTokensMax;
};

const kvOf = ({ contextOf, answerOf }: TextBankOptions, job: Job): number =>
  contextOf(job) + answerOf(job);

const at = (values: Float64Array | Int32Array, index: number): number => values[index] as number;

const add = (values: Float64Array, index: number, more: number): void => {
  values[index] = (values[index] as number) + more;
};

const encodeMsOf = (
  { cost, mediaOf, tokensOf }: NonNullable<PromptCost['encode']>,
  job: Job,
): number => encodeAllMs(cost, mediaOf(job), tokensOf(job));

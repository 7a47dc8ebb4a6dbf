/**
 * How fast the simulator is, how much memory it takes, whether it repeats itself, and how far it is from theory.
 *
 * Measured:
 * - `events_per_s`: a fleet of 1,000 GPUs on one core, by the wall clock, median of the runs: LLaVA-OneVision 7B of
 *   deploy/profiles/study as 200 encoders (1 GPU), 200 prefill and 200 decode instances (2 GPUs), multimodal arrivals with up to two
 *   pictures, 75 % of what prefill can take. An event is a call of an actor: a request arrives, a batch ends, a transfer ends, a set
 *   of decode steps ends. A token is not an event. Each piece of work is routed by packages/policy, two instances looked at.
 * - `seconds_for_10000_gpu_day`: 10,000 GPUs as two rooms of 5,000, each in a thread: LLaVA-OneVision 72B as 1,000
 *   encoders (1 GPU), 250 prefill and 250 decode instances (8 GPUs) each, a steady rate at 60 % of what prefill can take, rooms
 *   stepped every 30 s, routing by headroom. `day_hours` of a day are run and the rest is taken to be alike: × 24 ÷ hours.
 *   `day_requests`: how many requests that day has.
 * - `peak_memory_mib`: of the whole process, both threads at once, with V8's heap and all that it has not given back.
 *   `peak_memory_growth_share`: how much more a run of four times the length takes than one of one.
 * - `deterministic`: two runs of the same seed have the same fingerprint, in other threads, and another seed has another one. That the
 *   fingerprint is the same on every machine is a test of packages/simulator.
 * - `closed_form_error_share`: the largest error of a mean against M/M/c, M/G/1-PS and a batch queue, a million requests each.
 *
 * How to read it: the load of the machine is in the raw result. Other work on the cores lowers both speeds; run it alone.
 * Raw result: bench/results/simulator.json.
 *
 * Usage: npm run bench -- simulator [--quick] [--hours N]
 */
import { parseArgs } from 'node:util';
import { closedForms, runExperiment, simulatedMean } from '@isotherm/simulator';
import { environment } from './report/environment.ts';
import { median, round } from './report/percentiles.ts';
import { report, say } from './report/result.ts';
import { type FleetOptions, fleetExperiment } from './simulator/fleet.ts';
import { runParts } from './simulator/run-parts.ts';

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, hours: { type: 'string' } },
});
const { quick } = values;
const measuredOn = environment();
const dayHours = Number(values.hours ?? (quick ? 0.02 : 1));
const formRequests = quick ? 50_000 : 1_000_000;
const speedRuns = quick ? 1 : 5;

const small: FleetOptions = {
  ...{ profile: 'llava-onevision-7b', seed: 1, hasRoom: false, requestsPerS: 400 },
  instances: { 'encode-1': 200, 'prefill-2': 200, 'decode-2': 200 },
  durationMs: quick ? 30_000 : 300_000,
};
const half: FleetOptions = {
  ...{ profile: 'llava-onevision-72b', seed: 1, hasRoom: true, requestsPerS: 130 },
  instances: { 'encode-1': 1000, 'prefill-8': 250, 'decode-8': 250 },
  durationMs: dayHours * 3_600_000,
};

const memoryMib = (): number => process.resourceUsage().maxRSS / 1024;

/** The fleet of 1,000 GPUs, so many times. */
const speeds = Array.from({ length: speedRuns + 1 }, () => {
  const startedMs = performance.now();
  const startedUs = process.cpuUsage().user;
  const result = runExperiment(fleetExperiment(small));
  const cpuS = (process.cpuUsage().user - startedUs) / 1e6;
  const wallS = (performance.now() - startedMs) / 1000;
  const requests = result.deployments[0]?.outcome.done ?? 0;
  say(
    `${result.events} events, ${requests} requests in ${wallS.toFixed(1)} s, ${cpuS.toFixed(1)} s of a processor`,
  );
  return {
    events: result.events,
    requests,
    wallS,
    cpuS,
    perS: result.events / wallS,
    aliveMax: result.aliveMax,
  };
}).slice(1);

const shortMib = memoryMib();
runExperiment(fleetExperiment({ ...small, durationMs: 4 * small.durationMs }));
const longMib = memoryMib();
say(
  `memory ${shortMib.toFixed(0)} MiB, after a run of four times the length ${longMib.toFixed(0)} MiB`,
);

const [one, again, other] = await runParts(
  [1, 1, 2].map((seed) => ({ ...half, seed, durationMs: 60_000 })),
);
const deterministic = one?.digest === again?.digest && one?.digest !== other?.digest;
say(`deterministic: ${deterministic}`);

const startedMs = performance.now();
const halves = await runParts([half, { ...half, seed: 2 }]);
const dayS = ((performance.now() - startedMs) / 1000) * (24 / dayHours);
say(`${dayHours} h of 10,000 GPUs: a day takes ${dayS.toFixed(0)} s`);

const forms = closedForms.map((form) => {
  const { mean, standardError } = simulatedMean(form, formRequests, 1);
  const errorShare = mean / form.meanMs - 1;
  say(
    `${form.name}: ${(100 * errorShare).toFixed(2)} % off, standard error ${((100 * standardError) / form.meanMs).toFixed(2)} %`,
  );
  return { name: form.name, theoryMs: form.meanMs, mean, standardError, errorShare };
});

const dayRequests = halves.reduce((sum, { requests }) => sum + requests, 0) * (24 / dayHours);
await report(
  'simulator',
  quick,
  {
    events_per_s: Math.round(median(speeds.map(({ perS }) => perS))),
    seconds_for_10000_gpu_day: round(dayS),
    peak_memory_mib: Math.round(memoryMib()),
    deterministic,
    events_per_s_of_a_processor: Math.round(
      median(speeds.map(({ events, cpuS }) => events / cpuS)),
    ),
    day_hours: dayHours,
    day_requests: Math.round(dayRequests),
    peak_memory_growth_share: round(longMib / shortMib - 1),
    closed_form_error_share: Math.max(...forms.map(({ errorShare }) => Math.abs(errorShare))),
  },
  { ...measuredOn, small, half, speeds, halves, forms, formRequests },
);

import { describe, expect, it } from '@jest/globals';
import type { Arrival, ArrivalSource } from '../arrivals/arrival.ts';
import { drawExponential, drawGeometric } from '../chance/draw.ts';
import { randomStream } from '../chance/xoshiro.ts';
import { createSimulation } from '../engine/simulation.ts';
import type { Deployment, Pool } from './deployment.ts';
import { exampleDeployment, examplePools } from './example-deployment.ts';
import { type AnswerTimes, outcomeState } from './outcome.ts';
import { createPipeline, type PipelineOptions } from './pipeline.ts';

const listed = (arrivals: readonly Arrival[]): ArrivalSource => {
  const left = [...arrivals];
  return { next: () => left.shift() };
};
const arrival = (different: Partial<Arrival> = {}): Arrival => ({
  ...{ atMs: 0, textTokens: 100, media: 0, mediumTokens: 200, answerTokens: 11, ...different },
});
/** Random arrivals, half of them with pictures. */
const mixed = (requests: number, perMs: number, seed = 1): ArrivalSource => {
  const random = randomStream(seed, 'arrivals');
  let [atMs, count] = [0, 0];
  return {
    next: () => {
      if (count === requests) return undefined;
      count += 1;
      atMs += drawExponential(random) / perMs;
      const media = random() < 0.5 ? drawGeometric(random, 2) : 0;
      const textTokens = drawGeometric(random, 300);
      return arrival({ atMs, media, textTokens, answerTokens: drawGeometric(random, 50) });
    },
  };
};
const run = (
  source: ArrivalSource,
  pools: readonly Pool[],
  different: Partial<Deployment> = {},
  options: Partial<PipelineOptions> = {},
) => {
  const simulation = createSimulation();
  const deployments = [exampleDeployment(pools, different)];
  const pipeline = createPipeline(simulation, {
    ...{ deployments, random: randomStream(1, 'routes'), ...options },
  });
  pipeline.feed(source, 0);
  simulation.runUntil(Infinity);
  const [outcome] = pipeline.outcomes;
  if (outcome === undefined) throw new RangeError('no outcome');
  return { simulation, pipeline, outcome };
};

describe('the path of one request', () => {
  it('adds up: encode, transfer, prefill, transfer, decode', () => {
    const { outcome } = run(listed([arrival({ media: 2 })]), examplePools.decoupled);
    // Two encoders 2 + 10 each, 5.4 on the way, 10 + 25 for 500 tokens.
    expect(outcome.ttftMs.mean).toBeCloseTo(12 + 5.4 + 35, 9);
    // 10 on the way of 500 tokens, then ten steps of 20.2.
    expect(outcome.wholeMs.mean).toBeCloseTo(52.4 + 10 + 202, 9);
    expect(outcome.tbtMs.mean).toBeCloseTo(21.2, 9);
    expect(outcome).toMatchObject({ arrived: 1, done: 1, withinSlo: 1, mediaTokens: 400 });
  });

  it('skips the encoders without media, and ends with the prompt where one token is all', () => {
    const { outcome, pipeline } = run(
      listed([arrival({ answerTokens: 1 })]),
      examplePools.decoupled,
    );
    expect(outcome.wholeMs.mean).toBeCloseTo(15, 9);
    expect(outcome.tbtMs.count).toBe(0);
    const busy = pipeline.instances.map(({ bank, station }) => bank.usage.busyMs(station, 0));
    expect(Math.max(...busy)).toBe(0);
  });

  it('stays where it is in a monolith', () => {
    const { outcome } = run(listed([arrival({ media: 2 })]), examplePools.monolith);
    // Both pictures in one batch: 2 + 20.
    expect(outcome.ttftMs.mean).toBeCloseTo(22 + 35, 9);
    expect(outcome.wholeMs.mean).toBeCloseTo(57 + 202, 9);
  });

  it('has few pictures encoded where its prompt is run, and many by encoders', () => {
    const colocate = { colocateTokensMax: 400, colocateMediaMax: 9 };
    for (const pools of [examplePools.decoupled, examplePools.imageAndText]) {
      const ttft = (media: number): number =>
        run(listed([arrival({ media })]), pools, { colocate }).outcome.ttftMs.mean;
      // Two beside the prompt, in one batch of 2 + 20: no transfer; three by encoders, 2 + 10 each.
      expect(ttft(2)).toBeCloseTo(22 + 35, 9);
      expect(ttft(3)).toBeCloseTo(12 + 5.6 + 45, 9);
    }
  });

  it('keeps what it takes alone, where that is the target', () => {
    const { costs } = examplePools.monolith[0];
    const slo = { ttftMs: 1, tbtMs: 1, alone: { ttftTimes: 2, tbtTimes: 3, costs } };
    const { outcome } = run(listed([arrival({ media: 2 })]), examplePools.monolith, { slo });
    expect(outcome.withinSlo).toBe(1);
    expect(outcome.ttftShare.mean).toBeCloseTo(1 / 2, 9);
    expect(outcome.tbtShare.mean).toBeCloseTo(1 / 3, 9);
  });

  it('weighs media by what they cost a model that reads them beside its text', () => {
    const { outcome } = run(listed([arrival({ media: 2 })]), examplePools.decoupled, {
      ...{ reading: 'cross-attention', mediaTokenShare: 0.1 },
    });
    expect(outcome.ttftMs.mean).toBeCloseTo(12 + 5.4 + 10 + 7, 9);
  });
});

describe('the fabric and its host', () => {
  const fabric = { requestMs: 3, mediumMs: 2 };

  it('takes its time before the first stage', () => {
    const { outcome } = run(listed([arrival({ media: 2 })]), examplePools.decoupled, { fabric });
    expect(outcome.ttftMs.mean).toBeCloseTo(7 + 12 + 5.4 + 35, 9);
  });

  it('holds requests with media back while one without is under way', () => {
    const largeTurns = { yieldMsMax: 20 };
    const small = arrival();
    const large = arrival({ atMs: 1, media: 2 });
    const ttftOf = (arrivals: readonly Arrival[]): number => {
      const times: AnswerTimes[] = [];
      const options = { onAnswered: (_: number, each: AnswerTimes) => times.push(each) };
      const held = { fabric: { ...fabric, largeTurns } };
      run(listed(arrivals), examplePools.decoupled, held, options);
      return times.find(({ media }) => media > 0)?.ttftMs ?? 0;
    };
    const alone = 7 + 12 + 5.4 + 35;
    expect(ttftOf([large])).toBeCloseTo(alone, 9);
    expect(ttftOf([small, large])).toBeCloseTo(20 + alone, 9);
    // The small one is one token long, and over when the large one comes or soon after.
    expect(ttftOf([arrival({ answerTokens: 1 }), large])).toBeCloseTo(17 + alone, 9);
    expect(ttftOf([arrival({ answerTokens: 1 }), { ...large, atMs: 30 }])).toBeCloseTo(alone, 9);
  });

  it('lets all of them in, however many there are', () => {
    // More at once than there are rows at first.
    const arrivals = Array.from({ length: 3000 }, (_, index) => arrival({ media: index % 2 }));
    const held = { fabric: { ...fabric, largeTurns: { yieldMsMax: 20 } } };
    const { outcome, pipeline } = run(listed(arrivals), examplePools.decoupled, held);
    expect([outcome.done, pipeline.alive]).toEqual([3000, 0]);
  });

  it('shares the cores of a host among all stages on it, and with event loops', () => {
    const onHost = examplePools.decoupled.map((pool) => ({ ...pool, host: 0 }));
    const hosts = [{ cores: 1 }];
    const text = arrival({ answerTokens: 1 });
    const times: AnswerTimes[] = [];
    const options = { hosts, onAnswered: (_: number, each: AnswerTimes) => times.push(each) };
    const { outcome } = run(listed([text, text]), onHost, {}, options);
    // Two prompts of 15 at two instances, with one core.
    expect([outcome.ttftMs.mean, times.length]).toEqual([30, 2]);
    const loops = { requestMs: 4, mediumMs: 0, handOverMs: 9, stepMs: 0, tokenMs: 0 };
    const spent = { ...fabric, requestMs: 0, loops };
    const { outcome: later } = run(listed([text]), onHost, { fabric: spent }, { hosts });
    // A twentieth of a core is left while the loops have theirs.
    expect(later.ttftMs.mean).toBeCloseTo(4 + 15 - 4 / 20, 9);
  });

  it('takes the cores for what is handed on, too', () => {
    const onHost = examplePools.decoupled.map((pool) => ({ ...pool, host: 0 }));
    const loops = { requestMs: 0, mediumMs: 0, handOverMs: 9, stepMs: 0, tokenMs: 0 };
    const own = { requestMs: 0, mediumMs: 0, loops };
    const text = arrival({ answerTokens: 2 });
    const hosts = [{ cores: 1 }];
    const { outcome, pipeline } = run(listed([text]), onHost, { fabric: own }, { hosts });
    expect(pipeline.loopsMs).toBe(9);
    // Prompt until 15, on the way until 21; the loops have the core until 24.
    expect(outcome.wholeMs.mean).toBeCloseTo(24 + 20.2 - 3 / 20, 9);
  });

  it('tells gaps as they were, however others slow a step down', () => {
    const onHost = examplePools.decoupled.map((pool) => ({ ...pool, host: 0 }));
    const late = arrival({ atMs: 40, textTokens: 0, answerTokens: 1 });
    const { outcome } = run(listed([arrival(), late]), onHost, {}, { hosts: [{ cores: 1 }] });
    // Eleven tokens less the first: one step of 20.2 shares the core with a prompt of 10.
    expect(outcome.gapMs.count).toBe(10);
    expect(outcome.gapMs.mean).toBeCloseTo((10 * 20.2 + 10) / 10, 9);
  });
});

describe('many requests', () => {
  const names = ['decoupled', 'imageAndText', 'monolith'] as const;

  it.each(names)('%s: all are done, and nothing is left booked or running', (name) => {
    const { outcome, pipeline } = run(mixed(3000, 0.05), examplePools[name]);
    expect(outcome).toMatchObject({ arrived: 3000, done: 3000 });
    expect(outcome.gapMs.count).toBe(outcome.answerTokens - 3000);
    for (const { view, bank, station } of pipeline.instances) {
      expect([view.bookedTokens, bank.running(station), bank.waiting(station)]).toEqual([0, 0, 0]);
    }
    expect(pipeline.alive).toBe(0);
    // As many rows as were ever alive at once, not as there were requests.
    expect(pipeline.aliveMax).toBeLessThan(300);
  });

  it('are the same with the same seed, and others with another', () => {
    const states = [1, 1, 2].map((seed) =>
      JSON.stringify(outcomeState(run(mixed(500, 0.05, seed), examplePools.decoupled).outcome)),
    );
    expect(states[0]).toBe(states[1]);
    expect(states[0]).not.toBe(states[2]);
  });

  it('go to the instance with the fewest tokens pending, not to any', () => {
    const one = {
      role: 'whole',
      count: 8,
      gpus: 1,
      costs: examplePools.monolith[0].costs,
    } as const;
    const p99 = (sampleMax: number): number =>
      run(mixed(4000, 0.09), [one], {}, { sampleMax }).outcome.ttftMs.quantile(0.99);
    const [any, ofTwo, ofAll] = [p99(1), p99(2), p99(Infinity)];
    expect(ofTwo).toBeLessThan(0.8 * any);
    expect(ofAll).toBeLessThan(1.1 * ofTwo);
  });

  it('go to each in turn, where that is the routing', () => {
    const pool = { ...examplePools.monolith[0], count: 3 };
    const arrivals = [1000, 10, 10, 10].map((textTokens) => arrival({ textTokens }));
    const { pipeline } = run(listed(arrivals), [pool], {}, { routing: 'in-turn' });
    // The fourth waits behind the long one, who has had the first turn.
    expect(pipeline.outcomes[0]?.ttftMs.max).toBeCloseTo(60 + 10.5, 0);
    const { pipeline: routed } = run(listed(arrivals), [pool], {});
    expect(routed.outcomes[0]?.ttftMs.quantile(0.75)).toBeLessThan(25);
  });

  it('weigh as a prompt until its first token, and as an answer after it', () => {
    const simulation = createSimulation();
    const pipeline = createPipeline(simulation, {
      ...{ deployments: [exampleDeployment(examplePools.imageAndText)] },
      random: randomStream(1, 'routes'),
    });
    pipeline.feed(listed([arrival({ textTokens: 700 })]), 0);
    const booked = (): number =>
      pipeline.instances.reduce((sum, { view }) => sum + view.bookedTokens, 0);
    simulation.runUntil(1);
    expect(booked()).toBe(800);
    simulation.runUntil(50);
    expect(booked()).toBe(100);
    simulation.runUntil(Infinity);
    expect(booked()).toBe(0);
  });

  it('do not count before counting begins', () => {
    const { outcome } = run(
      listed([arrival({ atMs: 5 }), arrival({ atMs: 15 })]),
      ...([examplePools.monolith, {}, { countFromMs: 10 }] as const),
    );
    expect(outcome).toMatchObject({ arrived: 1, done: 1 });
  });

  it('wait where nobody is ready, and go on when somebody is', () => {
    const simulation = createSimulation();
    const pipeline = createPipeline(simulation, {
      deployments: [exampleDeployment(examplePools.decoupled)],
      random: randomStream(1, 'routes'),
    });
    pipeline.feed(listed([arrival({ media: 3 }), arrival()]), 0);
    for (const { view } of pipeline.instances) view.ready = false;
    simulation.runUntil(1000);
    expect(pipeline.outcomes[0]).toMatchObject({ arrived: 2, done: 0 });
    for (const { view } of pipeline.instances) view.ready = true;
    pipeline.retry();
    simulation.runUntil(Infinity);
    expect(pipeline.outcomes[0]).toMatchObject({ arrived: 2, done: 2 });
  });
});

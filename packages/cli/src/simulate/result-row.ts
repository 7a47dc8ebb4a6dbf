import {
  createHistogram,
  type ExperimentResult,
  type OutcomeState,
  type RoomFigures,
} from '@isotherm/simulator';

/** What a run, or all runs of an arm together, came to: a line of the tables. Names say their units. */
export type ResultRow = Readonly<Record<string, string | number>>;

export interface ArmRun {
  readonly arm: string;
  readonly result: ExperimentResult;
}

/** A row for each run and deployment. */
export const runRows = (runs: readonly ArmRun[], countedS: number): readonly ResultRow[] =>
  runs.flatMap(({ arm, result }) =>
    result.deployments.map(({ model, outcome }) => ({
      ...{ arm, seed: result.seed, model },
      ...servedFields([outcome], countedS),
      ...roomFields(result.room === undefined ? [] : [result.room.figures]),
      ...{ unplaced: result.unplaced, events: result.events },
    })),
  );

/** A row for each arm and deployment: requests of all seeds together, and the worst, or the mean, of the rooms. */
export const armRows = (runs: readonly ArmRun[], countedS: number): readonly ResultRow[] => {
  const arms = [...new Set(runs.map(({ arm }) => arm))];
  return arms.flatMap((arm) => {
    const results = runs.filter((run) => run.arm === arm).map(({ result }) => result);
    const models = results[0]?.deployments.map(({ model }) => model) ?? [];
    return models.map((model, number) => ({
      ...{ arm, seeds: results.length, model },
      ...servedFields(
        results.flatMap(({ deployments }) => deployments[number]?.outcome ?? []),
        countedS,
      ),
      ...roomFields(results.flatMap(({ room }) => room?.figures ?? [])),
      unplaced: Math.max(...results.map(({ unplaced }) => unplaced)),
    }));
  });
};

const servedFields = (outcomes: readonly OutcomeState[], countedS: number): ResultRow => {
  const sum = (of: (outcome: OutcomeState) => number): number =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const quantile = (of: 'ttftMs' | 'gapMs' | 'tbtMs', share: number): number => {
    const histogram = createHistogram();
    for (const outcome of outcomes) histogram.merge(outcome[of]);
    return rounded(histogram.quantile(share));
  };
  const seconds = countedS * Math.max(1, outcomes.length);
  const [arrived, done] = [sum((outcome) => outcome.arrived), sum((outcome) => outcome.done)];
  return {
    ...{ arrived, done, done_share: rounded(done / Math.max(1, arrived)) },
    slo_share: rounded(sum((outcome) => outcome.withinSlo) / Math.max(1, done)),
    ...{ ttft_p50_ms: quantile('ttftMs', 0.5), ttft_p99_ms: quantile('ttftMs', 0.99) },
    ...{ token_p50_ms: quantile('gapMs', 0.5), token_p99_ms: quantile('gapMs', 0.99) },
    answer_mean_token_p99_ms: quantile('tbtMs', 0.99),
    requests_per_s: rounded(done / seconds),
    answer_tokens_per_s: rounded(sum((outcome) => outcome.answerTokens) / seconds),
  };
};

const roomFields = (figures: readonly RoomFigures[]): ResultRow => {
  if (figures.length === 0) return {};
  const most = (of: keyof RoomFigures): number =>
    rounded(Math.max(...figures.map((each) => each[of])));
  const mean = (of: keyof RoomFigures): number =>
    rounded(figures.reduce((total, each) => total + each[of], 0) / figures.length);
  return {
    ...{ core_max_c: most('coreMaxC'), memory_max_c: most('memoryMaxC') },
    ...{ row_power_max_w: most('rowPowerMaxW'), row_share_max: most('rowShareMax') },
    ...{ thermal_events: mean('thermalEvents'), power_events: mean('powerEvents') },
    ...{ thermal_time_share: mean('thermalTimeShare'), power_time_share: mean('powerTimeShare') },
    slowed_time_share: mean('slowedTimeShare'),
    opaque_capped_time_share: mean('opaqueCappedTimeShare'),
    ...{ energy_kwh: mean('energyKwh'), shut_downs: mean('shutDowns') },
  };
};

/** Six digits: more would promise what a simulation does not know. */
const rounded = (value: number): number =>
  Number.isFinite(value) ? Number(value.toPrecision(6)) : 0;

import { median, round } from '../report/percentiles.ts';
import type { Figures } from '../report/result.ts';
import type { LatencyRun } from './added-latency.ts';
import type { FabricRun } from './measure-fabric.ts';

/** The figures of the bench: each the median over the runs of what a run gave. */
export const fabricFigures = (runs: readonly FabricRun[]): Figures => {
  const over = (figure: (run: FabricRun) => number | undefined): number | null => {
    const values = runs.map(figure).filter((value) => value !== undefined);
    return values.length === 0 ? null : round(median(values));
  };
  const transfer = (kind: string, bytes: number) => (run: FabricRun) =>
    run.transfers.find((one) => one.kind === kind && one.bytes === bytes)?.pullMs.p50;
  const first = (pick: (run: FabricRun) => LatencyRun | undefined) => (run: FabricRun) =>
    pick(run)?.firstToken.addedP50;
  return {
    added_first_token_p50_ms: over(first(({ zeroCost }) => zeroCost)),
    added_first_token_p99_ms: over(({ zeroCost }) => zeroCost.firstToken.addedP99),
    added_per_token_p50_ms: over(({ stepped }) => stepped.perToken.addedP50),
    requests_per_s: over(({ throughput }) => throughput[0]?.requestsPerS),
    lane_hop_p50_ms: over(({ laneHop }) => laneHop.hopMs.p50),
    transfer_1mib_p50_ms: over(transfer('kv', 1 << 20)),
    added_per_token_zero_cost_p50_ms: over(({ zeroCost }) => zeroCost.perToken.addedP50),
    added_first_token_model_text_p50_ms: over(first(({ onnxText }) => onnxText)),
    added_first_token_model_picture_p50_ms: over(first(({ onnxPicture }) => onnxPicture)),
    added_per_token_model_p50_ms: over(({ onnxText }) => onnxText?.perToken.addedP50),
    requests_failed: runs
      .flatMap(({ throughput }) => throughput)
      .reduce((sum, { failed }) => sum + failed, 0),
    requests_whole_per_s: over(
      ({ throughput }) => throughput.find(({ stream }) => !stream)?.requestsPerS,
    ),
    lane_jobs_per_s: over(({ laneHop64 }) => laneHop64.jobsPerS),
    transfer_1mib_embedding_p50_ms: over(transfer('embedding', 1 << 20)),
    transfer_64mib_p50_ms: over(transfer('kv', 1 << 26)),
  };
};

/** The smallest profile of all three stages, as a YAML parser returns it. For tests. */
export const exampleProfile = () => ({
  name: 'small',
  model: 'Small 1B',
  reading: 'decoder-only',
  sources: [
    { id: 'bench', kind: 'measured', text: 'a test' },
    { id: 'guess', kind: 'assumed', text: 'a test' },
  ],
  shape: { context_max_tokens: 4096, image_tokens: 64, hidden_size: 128, kv_bytes_per_token: 2048 },
  stages: [
    exampleStage('encode', { points: [point(1, 64, 10), point(2, 64, 18)] }),
    exampleStage('prefill', {
      points: [point(1, 0, 2), point(1, 1000, 52)],
      batch_max: 1,
      load: [loadPoint(1000, 55, 60), loadPoint(10_000, 80, 100), loadPoint(16_000, 120, 300)],
    }),
    exampleStage('decode', {
      points: [point(1, 0, 5), point(8, 0, 12), point(1, 4096, 6), point(8, 4096, 20)],
    }),
  ],
});

const exampleStage = (stage: string, different: object) => ({
  ...{ name: stage, stage, hardware: 'h100-sxm', gpus: 1, precision: 'bf16', batch_max: 8 },
  ...{ start_s: 20, source: 'bench', ...different },
});

const point = (batch: number, tokens: number, latency: number) => ({
  ...{ batch, tokens, latency_ms: latency },
});

const loadPoint = (tokensPerS: number, p50: number, p99: number) => ({
  offered_tokens_per_s: tokensPerS,
  done_tokens_per_s: tokensPerS,
  ...{ p50_ms: p50, p99_ms: p99, busy_share: Math.min(1, tokensPerS / 20_000) },
});

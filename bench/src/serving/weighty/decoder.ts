import {
  createGraphBuilder,
  type FillWeights,
  type GraphBuilder,
  type WeightKind,
} from './graph-builder.ts';
import { elementTypes, type OnnxValue } from './onnx-schema.ts';
import type { WeightyShape } from './shape.ts';

/**
 * How attention is written. `plain`: in ONNX's own operators, as exporters trace it. `grouped`: ONNX Runtime's
 * GroupQueryAttention with rotary embedding and in-place cache, as current exports for that runtime are.
 */
export type AttentionKind = 'plain' | 'grouped';

export interface DecoderOptions {
  readonly shape: WeightyShape;
  readonly kind: WeightKind;
  readonly attention: AttentionKind;
  readonly fill: FillWeights;
  /** The table of embeddings, [vocabulary, hidden]; the output layer is tied to it. */
  readonly table: Float32Array;
}

/** A decoder as Llama's: RMSNorm, rotary embedding, grouped-query attention, SwiGLU. Logits of the last token only. */
export const decoder = (
  options: DecoderOptions,
): { readonly bytes: Uint8Array; readonly weights: number } => {
  const { shape, kind, attention, fill, table } = options;
  const { hidden, feedForward, layers, vocabulary } = shape.decoder;
  const graph = createGraphBuilder(kind, fill);
  const { node, linear } = graph;
  const attend = attention === 'plain' ? plain(graph, shape) : grouped(graph, shape);
  const norm = rmsNorm(graph, hidden, attention);
  let state = 'inputs_embeds';
  for (let layer = 0; layer < layers; layer++) {
    state = node('Add', [state, attend(norm(state), layer)]);
    const normed = norm(state);
    const gate = linear(normed, hidden, feedForward);
    const gated = node('Mul', [gate, node('Sigmoid', [gate])]);
    const up = linear(normed, hidden, feedForward);
    state = node('Add', [state, linear(node('Mul', [gated, up]), feedForward, hidden)]);
  }
  const last = node('Gather', [norm(state), graph.constant('int64', [1], [-1])], {
    ints: { axis: 1 },
  });
  const logits = graph.matmul(last, transposed(table, vocabulary, hidden), hidden, vocabulary);
  node('Identity', [logits], { outputs: ['logits'] });
  const bytes = graph.encode('decoder', inputsOf(shape, attention), outputsOf(shape));
  return { bytes, weights: graph.weightCount };
};

type Attend = (input: string, layer: number) => string;

const past = (layer: number, what: 'key' | 'value'): string => `past_key_values.${layer}.${what}`;
const present = (layer: number, what: 'key' | 'value'): string => `present.${layer}.${what}`;

const rmsNorm =
  ({ node, floats, constant }: GraphBuilder, hidden: number, attention: AttentionKind) =>
  (input: string): string => {
    const scale = floats([hidden], new Float32Array(hidden).fill(1));
    if (attention === 'grouped') {
      return node('SimplifiedLayerNormalization', [input, scale], {
        floats: { epsilon: 1e-5 },
        ints: { axis: -1, stash_type: 1 },
      });
    }
    const squares = node('Pow', [input, constant('float', [], [2])]);
    const mean = node('ReduceMean', [squares, constant('int64', [1], [-1])], {
      ints: { keepdims: 1 },
    });
    const root = node('Sqrt', [node('Add', [mean, constant('float', [], [1e-5])])]);
    return node('Mul', [scale, node('Div', [input, root])]);
  };

/** Cosines and sines by position, [contextMax, headSize / 2]. */
const rotaryTables = (
  { floats }: GraphBuilder,
  { decoder: { headSize, contextMax, ropeTheta } }: WeightyShape,
): { readonly cos: string; readonly sin: string } => {
  const half = headSize / 2;
  const make = (of: (angle: number) => number): string =>
    floats(
      [contextMax, half],
      Float32Array.from({ length: contextMax * half }, (_, at) =>
        of(Math.floor(at / half) / ropeTheta ** ((at % half) / half)),
      ),
    );
  return { cos: make(Math.cos), sin: make(Math.sin) };
};

const grouped = (graph: GraphBuilder, shape: WeightyShape): Attend => {
  const { node, constant, linear } = graph;
  const { hidden, heads, kvHeads, headSize } = shape.decoder;
  const { cos, sin } = rotaryTables(graph, shape);
  const ones = node('ReduceSum', ['attention_mask', constant('int64', [1], [1])], {
    ints: { keepdims: 0 },
  });
  const lengths = node('Cast', [node('Sub', [ones, constant('int64', [], [1])])], {
    ints: { to: elementTypes.int32 },
  });
  const shapeOfMask = node('Shape', ['attention_mask']);
  const width = node('Gather', [shapeOfMask, constant('int64', [], [1])]);
  const total = node('Cast', [width], { ints: { to: elementTypes.int32 } });
  return (input, layer) => {
    const query = linear(input, hidden, heads * headSize);
    const key = linear(input, hidden, kvHeads * headSize);
    const value = linear(input, hidden, kvHeads * headSize);
    const caches = [past(layer, 'key'), past(layer, 'value')];
    const mixed = node(
      'GroupQueryAttention',
      [query, key, value, ...caches, lengths, total, cos, sin],
      {
        domain: 'com.microsoft',
        ints: { num_heads: heads, kv_num_heads: kvHeads, do_rotary: 1 },
        outputs: [`mixed_${layer}`, present(layer, 'key'), present(layer, 'value')],
      },
    );
    return linear(mixed, heads * headSize, hidden);
  };
};

const plain = (graph: GraphBuilder, shape: WeightyShape): Attend => {
  const { node, constant, linear } = graph;
  const { hidden, heads, kvHeads, headSize } = shape.decoder;
  const bias = causalBias(graph);
  const { cos, sin } = rotaryTables(graph, shape);
  const axis1 = constant('int64', [1], [1]);
  // [rows, 1, tokens, headSize / 2], for all heads of a token.
  const [cosines, sines] = [cos, sin].map((table) =>
    node('Unsqueeze', [node('Gather', [table, 'position_ids']), axis1]),
  ) as [string, string];
  const reshape = (input: string, dims: number[]): string =>
    node('Reshape', [input, constant('int64', [dims.length], dims)]);
  const split = (input: string, count: number): string =>
    node('Transpose', [reshape(input, [0, 0, count, headSize])], { ints: { perm: [0, 2, 1, 3] } });
  const rotate = (input: string): string => {
    const half = headSize / 2;
    const [low, high] = ['low', 'high'].map((part) => `${input}.${part}`) as [string, string];
    node('Split', [input, constant('int64', [2], [half, half])], {
      ints: { axis: -1 },
      outputs: [low, high],
    });
    const times = (a: string, b: string): string => node('Mul', [a, b]);
    const first = node('Sub', [times(low, cosines), times(high, sines)]);
    const second = node('Add', [times(high, cosines), times(low, sines)]);
    return node('Concat', [first, second], { ints: { axis: -1 } });
  };
  const axis2 = constant('int64', [1], [2]);
  /** Every key and value head serves several query heads: [rows, kvHeads, tokens, size] to [rows, heads, ..]. */
  const repeat = (input: string): string => {
    const groups = heads / kvHeads;
    const wide = node('Expand', [
      node('Unsqueeze', [input, axis2]),
      constant('int64', [5], [1, 1, groups, 1, 1]),
    ]);
    const dims = node(
      'Concat',
      [
        node('Gather', [node('Shape', [input]), constant('int64', [1], [0])]),
        constant('int64', [3], [heads, -1, headSize]),
      ],
      { ints: { axis: 0 } },
    );
    return node('Reshape', [wide, dims]);
  };
  return (input, layer) => {
    const query = rotate(split(linear(input, hidden, heads * headSize), heads));
    const key = rotate(split(linear(input, hidden, kvHeads * headSize), kvHeads));
    const value = split(linear(input, hidden, kvHeads * headSize), kvHeads);
    const append = (what: 'key' | 'value', added: string): string =>
      node('Concat', [past(layer, what), added], {
        ints: { axis: 2 },
        outputs: [present(layer, what)],
      });
    const keys = node('Transpose', [repeat(append('key', key))], { ints: { perm: [0, 1, 3, 2] } });
    const values = repeat(append('value', value));
    const scale = constant('float', [], [1 / Math.sqrt(headSize)]);
    const scores = node('Add', [node('MatMul', [node('Mul', [query, scale]), keys]), bias]);
    const weights = node('Softmax', [scores], { ints: { axis: -1 } });
    const mixed = node('Transpose', [node('MatMul', [weights, values])], {
      ints: { perm: [0, 2, 1, 3] },
    });
    return linear(reshape(mixed, [0, 0, heads * headSize]), heads * headSize, hidden);
  };
};

/** 0 where a new token may look, a large negative number elsewhere: [rows, 1, tokens, past + tokens]. */
const causalBias = ({ node, constant }: GraphBuilder): string => {
  const one = constant('int64', [], [1]);
  const zero = constant('int64', [], [0]);
  const width = node('Gather', [node('Shape', ['attention_mask']), one]);
  const tokens = node('Gather', [node('Shape', ['inputs_embeds']), one]);
  const before = node('Sub', [width, tokens]);
  const columns = node('Range', [zero, width, one]);
  const rows = node('Add', [node('Range', [zero, tokens, one]), before]);
  const seen = node('LessOrEqual', [
    node('Unsqueeze', [columns, constant('int64', [1], [0])]),
    node('Unsqueeze', [rows, constant('int64', [1], [1])]),
  ]);
  const valid = node('Cast', ['attention_mask'], { ints: { to: elementTypes.bool } });
  const wide = node('Unsqueeze', [valid, constant('int64', [2], [1, 2])]);
  const allowed = node('And', [wide, seen]);
  return node('Where', [allowed, constant('float', [], [0]), constant('float', [], [-1e30])]);
};

const transposed = (matrix: Float32Array, rows: number, columns: number): Float32Array => {
  const result = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = matrix[row * columns + column] ?? 0;
    }
  }
  return result;
};

/** As exporters call it: transformers.js sizes its first, empty cache by this name. */
const batch = 'batch_size';

const caches = (
  { decoder: { layers, kvHeads, headSize } }: WeightyShape,
  name: typeof past,
  tokens: string,
): readonly OnnxValue[] =>
  Array.from({ length: layers }, (_, layer) =>
    (['key', 'value'] as const).map((what) => ({
      name: name(layer, what),
      type: 'float' as const,
      dims: [batch, kvHeads, tokens, headSize],
    })),
  ).flat();

const inputsOf = (shape: WeightyShape, attention: AttentionKind): readonly OnnxValue[] => [
  { name: 'inputs_embeds', type: 'float', dims: [batch, 'sequence_length', shape.decoder.hidden] },
  { name: 'attention_mask', type: 'int64', dims: [batch, 'total_sequence_length'] },
  ...(attention === 'plain'
    ? [{ name: 'position_ids', type: 'int64' as const, dims: [batch, 'sequence_length'] }]
    : []),
  ...caches(shape, past, 'past_sequence_length'),
];

const outputsOf = (shape: WeightyShape): readonly OnnxValue[] => [
  { name: 'logits', type: 'float', dims: [batch, 1, shape.decoder.vocabulary] },
  ...caches(shape, present, 'total_sequence_length'),
];

import {
  type ElementType,
  elementTypes,
  encodeOnnx,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from './onnx-schema.ts';
import { quantise } from './quantise.ts';

/** Attributes by name: whole numbers are `i` unless listed in `floats`. */
export interface NodeOptions {
  readonly ints?: Readonly<Record<string, number | readonly number[]>>;
  readonly floats?: Readonly<Record<string, number>>;
  readonly domain?: string;
  /** Names of the outputs; one of the builder's own if not given. */
  readonly outputs?: readonly string[];
}

/** How matrices are held: as they are, or as int8 with a scale a column. */
export type WeightKind = 'fp32' | 'int8';

/** Gives the values of a weight of so many rows and columns; every call gives others. */
export type FillWeights = (rows: number, columns: number) => Float32Array;

/** Builds a graph node by node; every method returns the name of what the new node gives. */
export interface GraphBuilder {
  node(operator: string, inputs: readonly string[], options?: NodeOptions): string;
  constant(type: 'float' | 'int64' | 'int32', dims: readonly number[], values: number[]): string;
  floats(dims: readonly number[], values: Float32Array): string;
  /** input [.., rows] times a new weight [rows, columns]. */
  linear(input: string, rows: number, columns: number): string;
  /** input times a given weight, held in the builder's kind. */
  matmul(input: string, weight: Float32Array, rows: number, columns: number): string;
  readonly weightCount: number;
  encode(name: string, inputs: readonly OnnxValue[], outputs: readonly OnnxValue[]): Uint8Array;
}

const attributeTypes = { float: 1, int: 2, ints: 7 } as const;

export const createGraphBuilder = (kind: WeightKind, fill: FillWeights): GraphBuilder => {
  const nodes: OnnxNode[] = [];
  const weights: OnnxTensor[] = [];
  const quantised = new Map<string, { readonly scale: string; readonly zero: string }>();
  let counter = 0;
  let weightCount = 0;
  const fresh = (stem: string): string => `${stem}_${(counter += 1)}`;

  const keep = (type: ElementType, dims: readonly number[], data: ArrayBufferView): string => {
    const name = fresh('w');
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    weights.push({ dims, data_type: elementTypes[type], name, raw_data: raw });
    return name;
  };
  const node = (
    operator: string,
    inputs: readonly string[],
    { ints = {}, floats = {}, domain = '', outputs = [fresh(operator)] }: NodeOptions = {},
  ): string => {
    const attribute: OnnxAttribute[] = Object.entries(ints).map(([name, value]) =>
      typeof value === 'number'
        ? { name, i: value, type: attributeTypes.int }
        : { name, ints: value, type: attributeTypes.ints },
    );
    for (const [name, f] of Object.entries(floats)) {
      attribute.push({ name, f, type: attributeTypes.float });
    }
    nodes.push({
      input: inputs,
      output: outputs,
      name: fresh('n'),
      op_type: operator,
      attribute,
      domain,
    });
    return outputs[0] ?? '';
  };

  const integerMatmul = (
    input: string,
    weight: Float32Array,
    rows: number,
    columns: number,
  ): string => {
    const { values, scales } = quantise(weight, rows, columns);
    const scale = node('Mul', [scaleOf(input), keep('float', [columns], scales)]);
    const product = node('MatMulInteger', [
      `${input}.q`,
      keep('int8', [rows, columns], values),
      quantised.get(input)?.zero ?? '',
    ]);
    const float = node('Cast', [product], { ints: { to: elementTypes.float } });
    return node('Mul', [float, scale]);
  };
  /** An activation is quantised once, whatever it is multiplied with. */
  const scaleOf = (input: string): string => {
    const known = quantised.get(input);
    if (known !== undefined) return known.scale;
    const made = { scale: `${input}.q_scale`, zero: `${input}.q_zero` };
    node('DynamicQuantizeLinear', [input], { outputs: [`${input}.q`, made.scale, made.zero] });
    quantised.set(input, made);
    return made.scale;
  };
  const matmul = (input: string, weight: Float32Array, rows: number, columns: number): string => {
    weightCount += weight.length;
    return kind === 'int8'
      ? integerMatmul(input, weight, rows, columns)
      : node('MatMul', [input, keep('float', [rows, columns], weight)]);
  };

  return {
    node,
    constant: (type, dims, values) => {
      const arrays = {
        float: () => Float32Array.from(values),
        int64: () => BigInt64Array.from(values, BigInt),
        int32: () => Int32Array.from(values),
      };
      return keep(type, dims, arrays[type]());
    },
    floats: (dims, values) => {
      weightCount += values.length;
      return keep('float', dims, values);
    },
    linear: (input, rows, columns) => matmul(input, fill(rows, columns), rows, columns),
    matmul,
    get weightCount() {
      return weightCount;
    },
    encode: (name, inputs, outputs) => encodeOnnx({ name, nodes, weights, inputs, outputs }),
  };
};

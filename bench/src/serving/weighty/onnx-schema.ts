import protobuf from 'protobufjs';

/** The part of the ONNX format that a plain graph with its weights needs; field numbers are those of onnx.proto3. */
const schema = `
syntax = "proto3";
message Attribute {
  string name = 1; float f = 2; int64 i = 3; bytes s = 4;
  Tensor t = 5; repeated float floats = 7; repeated int64 ints = 8; int32 type = 20;
}
message Node {
  repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4;
  repeated Attribute attribute = 5; string domain = 7;
}
message Tensor { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
message Shape { repeated Dimension dim = 1; }
message TensorType { int32 elem_type = 1; Shape shape = 2; }
message Type { TensorType tensor_type = 1; }
message Value { string name = 1; Type type = 2; }
message Graph {
  repeated Node node = 1; string name = 2; repeated Tensor initializer = 5;
  repeated Value input = 11; repeated Value output = 12;
}
message OperatorSet { string domain = 1; int64 version = 2; }
message Model { int64 ir_version = 1; string producer_name = 2; Graph graph = 7; repeated OperatorSet opset_import = 8; }
`;

const model = protobuf.parse(schema, { keepCase: true }).root.lookupType('Model');

/** Numbers of ONNX's element types. */
export const elementTypes = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9 } as const;
export type ElementType = keyof typeof elementTypes;

export interface OnnxTensor {
  readonly dims: readonly number[];
  readonly data_type: number;
  readonly name: string;
  readonly raw_data: Uint8Array;
}

export interface OnnxAttribute {
  readonly name: string;
  readonly f?: number;
  readonly i?: number;
  readonly ints?: readonly number[];
  readonly type: number;
}

export interface OnnxNode {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name: string;
  readonly op_type: string;
  readonly attribute: readonly OnnxAttribute[];
  readonly domain: string;
}

/** A graph input or output; a dimension is a number or the name of one that varies. */
export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly weights: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** The bytes of an .onnx file: opset 20, and the operators that ONNX Runtime adds. */
export const encodeOnnx = ({ name, nodes, weights, inputs, outputs }: OnnxGraph): Uint8Array =>
  model
    .encode({
      ir_version: 9,
      producer_name: 'isotherm bench',
      graph: {
        name,
        node: nodes,
        initializer: weights,
        input: inputs.map(value),
        output: outputs.map(value),
      },
      opset_import: [
        { domain: '', version: 20 },
        { domain: 'com.microsoft', version: 1 },
      ],
    })
    .finish();

const value = ({ name, type, dims }: OnnxValue): object => ({
  name,
  type: {
    tensor_type: {
      elem_type: elementTypes[type],
      shape: {
        dim: dims.map((each) =>
          typeof each === 'number' ? { dim_value: each } : { dim_param: each },
        ),
      },
    },
  },
});

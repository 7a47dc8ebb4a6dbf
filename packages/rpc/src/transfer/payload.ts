/** A tensor in transit; structurally the engine's own. */
export interface PayloadTensor {
  readonly name: string;
  readonly dataType: 'float32' | 'float16' | 'int32' | 'uint8';
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint16Array | Int32Array | Uint8Array;
}

/** What a lease keeps: tensors one after another, and small facts about them. */
export interface Payload {
  readonly tensors: readonly PayloadTensor[];
  readonly attributes: Readonly<Record<string, string>>;
}

/** Raw bytes (a file) as a payload. */
export const bytesPayload = (
  bytes: Uint8Array,
  attributes: Readonly<Record<string, string>> = {},
): Payload => ({
  tensors: [{ name: 'bytes', dataType: 'uint8', shape: [bytes.length], data: bytes }],
  attributes,
});

/** Size of a payload's tensors in bytes. */
export const payloadBytes = (payload: Payload): number =>
  payload.tensors.reduce((sum, tensor) => sum + tensor.data.byteLength, 0);

const bytesPerElement = { float32: 4, float16: 2, int32: 4, uint8: 1 } as const;

/** A zeroed array of `length` elements of `dataType`. */
export const allocate = (
  dataType: PayloadTensor['dataType'],
  length: number,
): PayloadTensor['data'] => {
  const buffer = new ArrayBuffer(length * bytesPerElement[dataType]);
  switch (dataType) {
    case 'float32':
      return new Float32Array(buffer);
    case 'float16':
      return new Uint16Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'uint8':
      return new Uint8Array(buffer);
    default:
      return dataType satisfies never;
  }
};

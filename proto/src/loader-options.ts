import type { Options } from '@grpc/proto-loader';

/**
 * How messages look in JavaScript. The generated types were made with the same flags
 * (tools/generate-proto-types.mjs reads this constant's build), so that they tell the truth.
 * 64-bit integers are counts and times here, all below 2^53; ids are strings.
 */
export const loaderOptions = {
  longs: Number,
  enums: String,
  defaults: true,
  oneofs: true,
} as const satisfies Options;

import { idPattern } from '@isotherm/kernel';

declare const brand: unique symbol;

/** One GPU of a room, as `SERVER/INDEX`, with indices from 0 as drivers count them. */
export type GpuId = string & { readonly [brand]: 'GpuId' };

export const gpuId = (server: string, index: number): GpuId => `${server}/${index}` as GpuId;

/** Where an instance runs: a server and its GPUs, in text `SERVER/GPU[,GPU…]`, as in `r1-k2-s3/0,1`. */
export interface Place {
  readonly server: string;
  readonly gpus: readonly number[];
}

const indexPattern = /^(?:0|[1-9]\d{0,2})$/;

/** Undefined where the text is no place: no server, no GPU, or the same GPU twice. */
export const parsePlace = (text: string): Place | undefined => {
  const [server = '', list = '', ...rest] = text.split('/');
  const indices = list.split(',');
  if (rest.length > 0 || !idPattern.test(server)) return undefined;
  if (!indices.every((index) => indexPattern.test(index))) return undefined;
  if (new Set(indices).size < indices.length) return undefined;
  return { server, gpus: indices.map(Number) };
};

export const formatPlace = ({ server, gpus }: Place): string => `${server}/${gpus.join(',')}`;

export const gpuIdsOf = ({ server, gpus }: Place): readonly GpuId[] =>
  gpus.map((index) => gpuId(server, index));

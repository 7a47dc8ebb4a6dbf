/** Where an instance runs: a server and the indexes of its GPUs there. */
export interface Place {
  readonly server: string;
  readonly gpus: readonly number[];
}

const placeForm = /^([A-Za-z0-9][A-Za-z0-9._-]*)\/(\d{1,3}(?:,\d{1,3})*)$/;

/** Reads `SERVER/GPU[,GPU…]`; nothing where the text is no place, or names a GPU twice. */
export const parsePlace = (text: string): Place | undefined => {
  const [, server, list] = placeForm.exec(text) ?? [];
  if (server === undefined || list === undefined) return undefined;
  const gpus = list.split(',').map(Number);
  return new Set(gpus).size === gpus.length ? { server, gpus } : undefined;
};

export const formatPlace = ({ server, gpus }: Place): string => `${server}/${gpus.join(',')}`;

/** Ids of a place's GPUs, each `SERVER/INDEX`. */
export const gpuIds = ({ server, gpus }: Place): readonly string[] =>
  gpus.map((index) => `${server}/${index}`);

/** Who works on a GPU: `opaque` work is not ours to touch, `adjustable` is. */
export type TenantKind = 'opaque' | 'adjustable';

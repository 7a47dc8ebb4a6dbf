import { CommandError } from '../exit-code.ts';

/** Flags of `isotherm up` for servers that run whole models. */
export interface UpstreamFlags {
  readonly upstream?: readonly string[];
  readonly upstreamPrefill?: readonly string[];
  readonly upstreamDecode?: readonly string[];
  readonly upstreamServer?: string;
}

/** Settings of each instance, one in front of each server; none where no server was named. */
export const upstreamInstances = (
  flags: UpstreamFlags & { readonly model?: readonly string[] },
): readonly Readonly<Record<string, string>>[] => {
  const { upstream = [], upstreamPrefill = [], upstreamDecode = [], upstreamServer } = flags;
  if (upstreamPrefill.length > 0 !== upstreamDecode.length > 0) {
    throw new CommandError('--upstream-prefill and --upstream-decode go together.', {
      usage: true,
    });
  }
  const [model, another] = flags.model ?? [];
  const servers = [...upstream, ...upstreamPrefill, ...upstreamDecode];
  if (another !== undefined && servers.length > 0) {
    throw new CommandError('With --upstream, --model is one: the name of the model that it runs.', {
      usage: true,
    });
  }
  const common = {
    ISOTHERM_UPSTREAM_SERVER: upstreamServer ?? 'auto',
    ...(model !== undefined && { ISOTHERM_UPSTREAM_MODEL: model }),
  };
  const instances = (role: string, urls: readonly string[]) =>
    urls.map((url) => ({
      ...common,
      ISOTHERM_UPSTREAM_ROLE: role,
      ISOTHERM_UPSTREAM_URL: url,
    }));
  return [
    ...instances('whole', upstream),
    ...instances('prefill', upstreamPrefill),
    ...instances('decode', upstreamDecode),
  ];
};

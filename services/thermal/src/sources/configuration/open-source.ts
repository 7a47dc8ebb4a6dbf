import { readFile } from 'node:fs/promises';
import type { Clock } from '@isotherm/kernel';
import type { PlacedInstance } from '../../instances/instance-book.ts';
import type { TelemetrySource } from '../../telemetry/source.ts';
import { dcgmLook } from '../dcgm/dcgm-source.ts';
import { httpReader, type TlsOptions } from '../http/http-reader.ts';
import { hwmonLook } from '../hwmon/hwmon-source.ts';
import { instancePowerLook } from '../instances/instance-power.ts';
import { smiLook } from '../nvidia-smi/smi-source.ts';
import { pollingSource, type PollingOptions } from '../polling/polling-source.ts';
import { raplLook } from '../rapl/rapl-source.ts';
import { type RedfishAuth, redfishClient } from '../redfish/redfish-client.ts';
import { redfishLook } from '../redfish/redfish-source.ts';
import type { SourcePlan, SourcePlanOf } from './source-plan.ts';

/** What sources need of the service that they are in. */
export interface SourceSurroundings {
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly instances: () => readonly PlacedInstance[];
  /** An instance that was not heard for so long says nothing, in milliseconds. */
  readonly staleMs: number;
}

/** Makes a source ready: reads the files and the secrets that it names. Throws a sentence where it cannot. */
export const openSource = async (
  plan: SourcePlan,
  surroundings: SourceSurroundings,
): Promise<TelemetrySource> => {
  const { name, kind } = plan;
  const looks = await looksOf(plan, surroundings);
  return pollingSource(
    {
      ...{ name, kind, everyMs: plan.every_ms, timeoutMs: plan.timeout_ms },
      ...{ backoffMsMax: plan.backoff_ms_max, ...looks },
    },
    surroundings.clock,
  );
};

type Looks = Pick<PollingOptions, 'look' | 'leave'>;

const looksOf = async (
  plan: SourcePlan,
  { clock, environment, instances, staleMs }: SourceSurroundings,
): Promise<Looks> => {
  switch (plan.kind) {
    case 'dcgm':
      return openDcgm(plan);
    case 'redfish':
      return openRedfish(plan, environment);
    case 'nvidia_smi':
      return { look: smiLook(plan.command, plan.server) };
    case 'hwmon':
      return { look: hwmonLook(plan.root, plan.server, plan.sensors) };
    case 'rapl': {
      const target =
        plan.of === 'gpus'
          ? ({ kind: 'gpus' } as const)
          : ({ kind: 'server', baseW: plan.base_w } as const);
      return { look: raplLook(plan.root, plan.server, target, clock) };
    }
    case 'instances':
      return { look: instancePowerLook(instances, () => clock.nowMs(), staleMs) };
    default:
      return plan satisfies never;
  }
};

const openDcgm = async (plan: SourcePlanOf<'dcgm'>): Promise<Looks> => {
  const mapping = {
    servers: new Map(Object.entries(plan.servers)),
    gpus: new Map(Object.entries(plan.gpus)),
    server: plan.server,
  };
  const read = httpReader(plan.bytes_max, await tlsOf(plan.tls));
  return { look: dcgmLook(new URL(plan.url), mapping, read) };
};

const openRedfish = async (
  plan: SourcePlanOf<'redfish'>,
  environment: SourceSurroundings['environment'],
): Promise<Looks> => {
  const read = httpReader(plan.bytes_max, await tlsOf(plan.tls));
  const client = redfishClient(new URL(plan.url), await authOf(plan, environment), read);
  const { of, server = '', chassis, requests_max: requestsMax, parallel_max: parallelMax } = plan;
  const look = redfishLook(client, {
    target: of === undefined ? { level: 'server', id: server } : { level: of.kind, id: of.id },
    ...{ chassis, requestsMax, parallelMax, gpus: new Map(Object.entries(plan.gpus)) },
  });
  return { look, leave: () => client.close() };
};

const tlsOf = async (tls: SourcePlanOf<'dcgm'>['tls']): Promise<TlsOptions> => {
  if (tls === undefined) return { verify: true };
  const { ca_file: file, verify } = tls;
  return file === undefined ? { verify } : { verify, ca: await readFile(file, 'utf8') };
};

const authOf = async (
  { name, auth }: SourcePlanOf<'redfish'>,
  environment: SourceSurroundings['environment'],
): Promise<RedfishAuth> => {
  if (auth.kind === 'none') return { kind: 'none' };
  const { kind, user = '', password_env: variable, password_file: file } = auth;
  const password =
    variable !== undefined
      ? environment[variable]
      : (await readFile(file ?? '', 'utf8')).replace(/\r?\n$/, '');
  if (password === undefined || password === '') {
    throw new Error(`source ${name}: ${variable ?? file ?? ''} has no password`);
  }
  return { kind, user, password };
};

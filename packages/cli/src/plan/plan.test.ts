import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { withDeployment } from '../up/with-deployment.ts';
import type { UpFlags } from '../up/up-plan.ts';
import { decideDeployment } from './decide-deployment.ts';
import { type Deployment, readDeployment } from './deployment.ts';
import { deploymentLines } from './deployment-lines.ts';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const example = join(repository, 'deploy/plans/picture-chat.yaml');
const folder = mkdtempSync(join(tmpdir(), 'isotherm-plan-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const flags: UpFlags = {
  ...{ engine: 'profile', precision: 'fp32', gpus: 8 },
  ...{ encoders: 1, prefills: 1, decodes: 1, routers: 1 },
};
const quiet = (): void => undefined;

const withTraffic = (deployment: Deployment, different: Partial<Deployment['traffic']>) =>
  decideDeployment({ ...deployment, traffic: { ...deployment.traffic, ...different } });

describe('a planned deployment', () => {
  it('is read, decided and told', async () => {
    const deployment = await readDeployment(example);
    expect(deployment.traffic).toMatchObject({ requestsPerS: 6, firstTokenMs: 2000 });
    const decided = decideDeployment(deployment);
    expect(decided.settings['ISOTHERM_PROFILE_FILE']).toMatch(/internvl-2\.5-26b\.yaml$/);
    const [head, first] = deploymentLines(decided.plan);
    expect(head).toMatch(/^way to share +instances +GPUs +first token ms +token ms$/);
    expect(first).toMatch(/^encode \| prefill \| decode /);
  });

  it('shares instances where there is little to do, and has more of them where there is much', async () => {
    const deployment = await readDeployment(example);
    const little = withTraffic(deployment, {
      requestsPerS: 0.2,
      tokenMs: 1000,
      firstTokenMs: 9000,
    });
    expect(little.colocate).toEqual(['encoder', 'prefill', 'decode']);
    const much = withTraffic(deployment, { requestsPerS: 60 });
    expect(much.encoders + much.prefills + much.decodes).toBeGreaterThan(10);
    expect(() => withTraffic(deployment, { firstTokenMs: 10 })).toThrow(
      /No way of sharing instances keeps the targets: .*encode \| prefill \| decode: /,
    );
  });

  it('replaces what was counted by hand, and tells the profile engine what to serve', async () => {
    const planned = await withDeployment({ ...flags, plan: example }, quiet);
    expect([planned.encoders, planned.prefills, planned.decodes]).toEqual([1, 2, 1]);
    expect(planned.plannedSettings?.['ISOTHERM_PROFILE_ENTRIES']).toMatch(
      /^encode-\d,prefill-\d,decode-\d$/,
    );
    const onnx = await withDeployment({ ...flags, engine: 'onnx', plan: example }, quiet);
    expect(onnx.plannedSettings).toBeUndefined();
    expect(await withDeployment(flags, quiet)).toBe(flags);
  });

  it('stands alone', async () => {
    const plan = example;
    await expect(withDeployment({ ...flags, plan, embedded: true }, quiet)).rejects.toThrow(
      'leave out --embedded',
    );
    await expect(withDeployment({ ...flags, planOnly: true }, quiet)).rejects.toThrow('name one');
  });

  it('is refused with all that is wrong', async () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, 'profile: a.yaml\ntraffic: { requests_per_s: -1 }\nserver: 8\n');
    await expect(readDeployment(file)).rejects.toThrow(
      /server: is not known.*targets: must be an object.*requests_per_s: must be 0.*media_per_request: must be a number/,
    );
    await expect(readDeployment(join(folder, 'none.yaml'))).rejects.toThrow(/none\.yaml/);
  });
});

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { withTree } from '../tree-fixture.mjs';
import { checkNodeVersion, installEnvironment, pnpmVersion } from './prepare.mjs';
import { dependencyHash, installReason, removeOrphanedOutput, stampFile } from './staleness.mjs';

const workspace = {
  'package.json': { packageManager: 'pnpm@10.34.9' },
  'pnpm-workspace.yaml': 'packages:\n  - packages/*\n',
  'pnpm-lock.yaml': 'lockfileVersion: 9\n',
  'packages/kernel/package.json': { name: 'kernel' },
  'packages/kernel/tsconfig.json': { compilerOptions: { rootDir: 'src', outDir: 'dist' } },
  'packages/kernel/src/clock.ts': 'export {};\n',
  'packages/kernel/dist/clock.js': '',
  'packages/kernel/dist/clock.d.ts': '',
  'packages/kernel/tsconfig.tsbuildinfo': '{}',
};
const stamp = (root) => {
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(join(root, stampFile), `${dependencyHash(root)}\n`);
};

describe('installReason', () => {
  it('is none when the stamp fits', () => {
    withTree(workspace, (root) => {
      stamp(root);
      expect(installReason(root)).toBeUndefined();
    });
  });

  it('names what is missing or changed', () => {
    withTree(workspace, (root) => {
      expect(installReason(root)).toBe('no node_modules');
      stamp(root);
      writeFileSync(join(root, 'pnpm-lock.yaml'), 'lockfileVersion: 9\nnew: 1\n');
      expect(installReason(root)).toMatch(/changed/);
      const manifest = { name: 'kernel', dependencies: { pino: '*' } };
      writeFileSync(join(root, 'packages/kernel/package.json'), JSON.stringify(manifest));
      stamp(root);
      expect(installReason(root)).toBe('packages/kernel has no node_modules');
    });
  });
});

describe('removeOrphanedOutput', () => {
  it('removes output whose source is gone and keeps the rest', () => {
    const orphans = {
      'packages/kernel/dist/old/a.test.js': '',
      'packages/kernel/dist/b.d.ts.map': '',
    };
    withTree({ ...workspace, ...orphans }, (root) => {
      expect(removeOrphanedOutput(root)).toBe(2);
      expect(existsSync(join(root, 'packages/kernel/dist/old/a.test.js'))).toBe(false);
      expect(existsSync(join(root, 'packages/kernel/dist/clock.d.ts'))).toBe(true);
      expect(existsSync(join(root, 'packages/kernel/tsconfig.tsbuildinfo'))).toBe(true);
    });
  });

  it("drops the build's memory when output is missing", () => {
    withTree(workspace, (root) => {
      rmSync(join(root, 'packages/kernel/dist'), { recursive: true });
      removeOrphanedOutput(root);
      expect(existsSync(join(root, 'packages/kernel/tsconfig.tsbuildinfo'))).toBe(false);
    });
  });
});

describe('preparing', () => {
  it('refuses a Node that is too old', () => {
    expect(() => checkNodeVersion('20.19.9')).toThrow(/too old/);
    expect(() => checkNodeVersion('18.20.0')).toThrow(/too old/);
    for (const version of ['20.20.0', '22.0.0'])
      expect(() => checkNodeVersion(version)).not.toThrow();
  });

  it('keeps caches inside the repository when there is no usable HOME', () => {
    withTree(workspace, (root) => {
      const home = join(root, '.isotherm/home');
      for (const HOME of [undefined, '', '/nowhere/at/all']) {
        const env = installEnvironment(root, { HOME, PATH: 'p' });
        expect(env).toMatchObject({ HOME: home, npm_config_cache: join(home, '.npm'), PATH: 'p' });
      }
      expect(existsSync(home)).toBe(true);
      expect(installEnvironment(root, { HOME: root }).HOME).toBe(root);
    });
  });

  it("does not pass npm's silence on to pnpm, whose errors are needed", () => {
    withTree(workspace, (root) => {
      const env = installEnvironment(root, { HOME: root, npm_config_loglevel: 'silent' });
      expect(env).not.toHaveProperty('npm_config_loglevel');
    });
  });

  it('reads the pinned pnpm, of this repository too', () => {
    const own = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    withTree({ 'package.json': own }, (root) => {
      expect(own.packageManager).toBe(`pnpm@${pnpmVersion(root)}`);
    });
  });
});

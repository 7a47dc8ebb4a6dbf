import { fileURLToPath } from 'node:url';

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Model folders that the tests load. The first is the shipped model, the others are made by fixtures/make_fixtures.py. */
export const fixtureFolders = {
  panel: folder('../../../../models/panel'),
  panelX: folder('../../../../models/panel-x'),
  idefics3: folder('../../fixtures/tiny-idefics3'),
  grouped: folder('../../fixtures/tiny-grouped'),
} as const;

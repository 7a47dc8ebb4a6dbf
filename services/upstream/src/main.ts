import { serveStageWith } from '@isotherm/stage';
import { upstreamSettings } from './settings.ts';
import { startUpstream } from './upstream.ts';

await serveStageWith(upstreamSettings, 'upstream', startUpstream);

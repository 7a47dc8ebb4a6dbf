import {
  createPace,
  onnxPrefillEngine,
  pacedPrefillEngine,
  profilePrefillEngine,
  switchablePrefillEngine,
} from '@isotherm/engine';
import { chooseEngine, openEngine, type StageStarter, startStage } from '@isotherm/stage';
import { prefillStage } from './prefill-stage.ts';

/** Starts a prefill instance. */
export const startPrefill: StageStarter = async (settings, fabric, logger, neighbours) => {
  const choice = await chooseEngine(settings);
  const {
    payloadBytesMax,
    prefixCacheBytesMax: bytesMax,
    prefixBlockTokens: blockTokens,
    prefillChunkTokens: chunkTokens,
  } = settings;
  const prefixes = { bytesMax, blockTokens };
  const { engine: inner, loadable } = await openEngine(choice, 'prefill', {
    timed: profilePrefillEngine,
    switchable: switchablePrefillEngine,
    graphs: (load) => onnxPrefillEngine({ ...load, prefixes, chunkTokens }),
  });
  const engine = pacedPrefillEngine(inner, createPace());
  const { name: model, contextMax } = choice.facts;
  const stage = prefillStage({ engine, loadable, model, contextMax, payloadBytesMax });
  return startStage(stage, settings, fabric, logger, neighbours);
};

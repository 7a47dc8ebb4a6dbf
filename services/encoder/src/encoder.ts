import { onnxEncodeEngine, profileEncodeEngine } from '@isotherm/engine';
import { chooseEngine, type StageStarter, startStage } from '@isotherm/stage';
import { encodeStage } from './encode-stage.ts';

/** Starts an encoder instance. */
export const startEncoder: StageStarter = async (settings, fabric, logger) => {
  const choice = await chooseEngine(settings);
  const { batchMax, payloadBytesMax, embeddingCacheBytesMax: cacheBytesMax } = settings;
  const engine =
    choice.kind === 'profile'
      ? profileEncodeEngine(choice.options)
      : await onnxEncodeEngine({ ...choice.options, batchMax });
  const { name: model, contextMax } = choice.facts;
  const stage = encodeStage({ engine, model, contextMax, payloadBytesMax, cacheBytesMax });
  return startStage(stage, settings, fabric, logger);
};

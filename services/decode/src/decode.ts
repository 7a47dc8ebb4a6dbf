import { onnxDecodeEngine, profileDecodeEngine } from '@isotherm/engine';
import { chooseEngine, type StageStarter, startStage } from '@isotherm/stage';
import { decodeStage } from './decode-stage.ts';

/** Starts a decode instance. */
export const startDecode: StageStarter = async (settings, fabric, logger) => {
  const choice = await chooseEngine(settings);
  const { payloadBytesMax, slots } = settings;
  const contextMax = settings.contextMax === 0 ? choice.facts.contextMax : settings.contextMax;
  const engine =
    choice.kind === 'profile'
      ? profileDecodeEngine({ ...choice.options, contextMax })
      : await onnxDecodeEngine({ ...choice.options, slots, contextMax });
  const stage = decodeStage({ engine, model: choice.facts.name, payloadBytesMax });
  return startStage(stage, settings, fabric, logger);
};

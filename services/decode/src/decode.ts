import {
  createPace,
  onnxDecodeEngine,
  pacedDecodeEngine,
  profileDecodeEngine,
  switchableDecodeEngine,
} from '@isotherm/engine';
import { chooseEngine, openEngine, type StageStarter, startStage } from '@isotherm/stage';
import { decodeStage } from './decode-stage.ts';

/** Starts a decode instance. */
export const startDecode: StageStarter = async (settings, fabric, logger, neighbours) => {
  const choice = await chooseEngine(settings);
  const { payloadBytesMax, kvWaitingBytesMax, slots, stepsAheadMax, stepsTogetherMs } = settings;
  const contextMax = settings.contextMax === 0 ? choice.facts.contextMax : settings.contextMax;
  const kvBytesMax = settings.kvBytesMax === 0 ? undefined : settings.kvBytesMax;
  const { engine: inner, loadable } = await openEngine(choice, 'decode', {
    timed: (options, time) =>
      profileDecodeEngine({ kvBytesMax: settings.kvBytesMax, ...options, contextMax }, time),
    switchable: switchableDecodeEngine,
    graphs: (load) =>
      onnxDecodeEngine({
        ...load,
        ...{ slots, contextMax, kvBytesMax, stepsAheadMax, stepsTogetherMs },
      }),
  });
  const engine = pacedDecodeEngine(inner, createPace());
  const { name: model } = choice.facts;
  const stage = decodeStage({ engine, loadable, model, payloadBytesMax, kvWaitingBytesMax });
  return startStage(stage, settings, fabric, logger, neighbours);
};

import {
  createPace,
  onnxEncodeEngine,
  pacedEncodeEngine,
  profileEncodeEngine,
  switchableEncodeEngine,
} from '@isotherm/engine';
import { defaultMediaLimits, type MediaLimits } from '@isotherm/engine/media';
import {
  chooseEngine,
  openEngine,
  type StageSettings,
  type StageStarter,
  startStage,
} from '@isotherm/stage';
import { encodeStage } from './encode-stage.ts';

/** Starts an encoder instance. */
export const startEncoder: StageStarter = async (settings, fabric, logger, neighbours) => {
  const choice = await chooseEngine(settings);
  const { batchMax, payloadBytesMax, embeddingCacheBytesMax: cacheBytesMax } = settings;
  const { engine: inner, loadable } = await openEngine(choice, 'encode', {
    timed: profileEncodeEngine,
    switchable: switchableEncodeEngine,
    graphs: (load) => onnxEncodeEngine({ ...load, batchMax, limits: limitsOf(settings) }),
  });
  const engine = pacedEncodeEngine(inner, createPace());
  const { name: model, contextMax } = choice.facts;
  const stage = encodeStage({
    ...{ engine, loadable, model, contextMax, payloadBytesMax, cacheBytesMax },
  });
  return startStage(stage, settings, fabric, logger, neighbours);
};

/** The engine's own limits, with what this instance allows less or more. */
const limitsOf = (settings: StageSettings): MediaLimits => {
  const { audio, image, video } = defaultMediaLimits;
  const decodeMsMax = settings.mediaDecodeMsMax;
  return {
    image,
    audio: { ...audio, secondsMax: settings.soundSecondsMax, decodeMsMax },
    video: { ...video, framesMax: settings.clipFramesMax, decodeMsMax, ffmpeg: settings.ffmpeg },
  };
};

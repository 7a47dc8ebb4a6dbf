import type { ExperimentDocument } from '@isotherm/simulator';

/** The same experiment for so many hours; a warm-up that would be all of it is left out. */
export const lasting = (document: ExperimentDocument, hours: number): ExperimentDocument => {
  const durationS = hours * 3600;
  return { ...document, durationS, warmUpS: document.warmUpS < durationS ? document.warmUpS : 0 };
};

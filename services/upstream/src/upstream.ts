import { setTimeout as delay } from 'node:timers/promises';
import { createUpstream, type ServerFacts, type Upstream } from '@isotherm/engine/upstream';
import { Fault } from '@isotherm/kernel';
import { type StageStarter, startStage } from '@isotherm/stage';
import type { UpstreamSettings } from './settings.ts';
import { upstreamStage } from './upstream-stage.ts';

/** Starts an instance in front of one server, once that server answers. */
export const startUpstream: StageStarter<UpstreamSettings> = async (
  settings,
  fabric,
  logger,
  neighbours,
) => {
  const upstream = createUpstream({
    url: settings.upstreamUrl,
    model: settings.upstreamModel,
    server: settings.upstreamServer,
    apiKey: settings.upstreamApiKey,
    connectionsMax: settings.upstreamConnectionsMax,
    connectMsMax: settings.upstreamConnectMsMax,
    silenceMsMax: settings.upstreamSilenceMsMax,
    answerBytesMax: settings.upstreamAnswerBytesMax,
    retriesMax: settings.upstreamRetriesMax,
    retryMsMin: settings.upstreamRetryMsMin,
    retryMsMax: settings.upstreamRetryMsMax,
  });
  try {
    const { model, contextMax, server } = await factsWithin(upstream, settings.upstreamStartMsMax);
    const stage = upstreamStage({
      ...{ upstream, model, server },
      stage: settings.upstreamRole,
      capacity: settings.concurrency,
      contextMax: settings.upstreamContextMax || (contextMax ?? contextUnknown),
      payloadBytesMax: settings.payloadBytesMax,
      probeMs: settings.upstreamProbeMs,
      report: ({ code, cause }, job) => logger.info({ code, job, err: cause }, 'upstream failed'),
    });
    return await startStage(stage, settings, fabric, logger, neighbours);
  } catch (error) {
    await upstream.close();
    throw error;
  }
};

/** A server that does not say how much it takes is asked, and says so itself when it is too much. */
const contextUnknown = 2 ** 30;

const pollMs = 200;

/** Servers take minutes to load a model: one that does not answer yet is waited for. */
const factsWithin = async (upstream: Upstream, msMax: number): Promise<ServerFacts> => {
  const signal = AbortSignal.timeout(msMax);
  for (;;) {
    try {
      await upstream.probe(signal);
      return await upstream.facts(signal);
    } catch (error) {
      const fault = Fault.from(error);
      if (fault.code !== 'unavailable' || signal.aborted) {
        const why = signal.aborted ? `not within ${msMax} ms` : fault.message;
        throw new Fault(fault.code, `The server at ISOTHERM_UPSTREAM_URL: ${why}`, {
          cause: fault,
        });
      }
    }
    await delay(pollMs);
  }
};

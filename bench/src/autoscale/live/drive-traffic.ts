import { Agent } from 'node:http';
import type { Arrival } from '@isotherm/simulator';
import sharp from 'sharp';
import { chatBody } from '../../client/chat-body.ts';
import { askWithClass, type ClassedOutcome } from '../../overload/ask-with-class.ts';

export interface DrivenRequest {
  /** When it was due, in milliseconds of the run. */
  readonly atMs: number;
  readonly outcome: ClassedOutcome;
}

/** Sends each request when it is due, whatever became of those before; resolves when all have ended. */
export const driveTraffic = async (
  baseUrl: string,
  requests: readonly Arrival[],
): Promise<readonly DrivenRequest[]> => {
  const agent = new Agent({ keepAlive: true });
  const size = { width: 16, height: 16, channels: 3 } as const;
  const png = await sharp({ create: { ...size, background: '#3a7' } })
    .png()
    .toBuffer();
  const beginMs = performance.now();
  try {
    const asked: Promise<DrivenRequest>[] = [];
    for (const request of requests) {
      const { atMs } = request;
      const waitMs = beginMs + atMs - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      const work = { tenant: 'default', sloClass: 'standard', body: bodyOf(request, png) } as const;
      asked.push(askWithClass(baseUrl, agent, work).then((outcome) => ({ atMs, outcome })));
    }
    return await Promise.all(asked);
  } finally {
    agent.destroy();
  }
};

const bodyOf = ({ textTokens, media, answerTokens }: Arrival, png: Uint8Array): string =>
  JSON.stringify({
    ...chatBody({
      // A byte is a token of the stand-in.
      text: 'why '.repeat(Math.ceil(textTokens / 4)).slice(0, textTokens),
      media: Array.from({ length: media }, () => ({ kind: 'image' as const, files: [png] })),
      tokensMax: answerTokens,
    }),
    ...{ stream: true, temperature: 0 },
  });

import type { Where } from './up-event.ts';

export interface TalkOptions extends Where {
  readonly picture: string;
  readonly question: string;
}

/** Commands that can be pasted into another terminal, in the repository's folder. */
export const howToTalk = ({ http, grpc, picture, question }: TalkOptions): readonly string[] => [
  '',
  'Talk to it from another terminal, in this folder. Ctrl-C here stops everything.',
  '',
  '  the command',
  `    npx isotherm ask ${picture} "${question}"`,
  '    npx isotherm chat',
  '',
  '  HTTP, as OpenAI clients speak it',
  `    { printf '{"messages":[{"role":"user","content":[{"type":"text","text":"${question}"},'`,
  `      printf '{"type":"image_url","image_url":{"url":"data:image/png;base64,'`,
  `      base64 -w0 ${picture}; printf '"}}]}]}'; } |`,
  `      curl -s ${http}/v1/chat/completions -H 'content-type: application/json' -d @-`,
  '',
  '  gRPC (proto/isotherm/router/v1/router.proto; the server tells its contract by reflection)',
  `    grpcurl -plaintext ${grpc} describe isotherm.router.v1.RouterService`,
  `    node docs/how-to/ask-over-grpc.mjs ${grpc} ${picture} "${question}"`,
  '',
];

import type { Where } from './up-event.ts';

export interface TalkOptions extends Where {
  readonly picture: string;
  readonly question: string;
  /** Whether there is a room to watch. */
  readonly hasRoom: boolean;
}

const roomCommands = [
  '',
  '# the room that it heats: docs/how-to/watch-heat.md',
  'npx isotherm room',
  'npx isotherm inject cooling-failure --to 0.5',
];

/** Commands that can be pasted into another terminal, in the repository's folder. */
export const howToTalk = ({
  http,
  grpc,
  picture,
  question,
  hasRoom,
}: TalkOptions): readonly string[] => [
  '',
  'Talk to it from another terminal, in this folder. Ctrl-C here stops everything.',
  '',
  '# the command',
  `npx isotherm ask ${picture} "${question}" --verbose`,
  'npx isotherm chat',
  'npx isotherm status',
  ...(hasRoom ? roomCommands : []),
  '',
  `# HTTP, as OpenAI clients speak it; their base URL is ${http}/v1`,
  `curl -s ${http}/v1/chat/completions -H 'content-type: application/json' -d @- <<END`,
  '{"messages": [{"role": "user", "content": [',
  '  {"type": "image_url", "image_url": {"url":',
  `    "data:image/png;base64,$(base64 < ${picture} | tr -d '\\n')"}},`,
  `  {"type": "text", "text": "${question}"}]}]}`,
  'END',
  '',
  '# gRPC: proto/isotherm/router/v1/router.proto, which the server also tells by reflection',
  `python3 docs/how-to/ask-over-grpc.py ${grpc} \\`,
  `  ${picture} "${question}"`,
  '',
];

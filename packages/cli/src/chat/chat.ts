import { homedir } from 'node:os';
import { basename } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { MessageInput } from '@isotherm/proto';
import { type SamplingOptions, timeLines, userMessage } from '../ask/ask.ts';
import { generate } from '../ask/generate.ts';
import { type Medium, readMedium } from '../ask/medium.ts';
import { errorLine } from '../exit-code.ts';
import { drawPicture } from '../show/draw-picture.ts';
import { type Terminal, terminalOf } from '../show/terminal.ts';
import { findRouter } from '../state/find-router.ts';
import { type ChatLine, parseChatLine } from './chat-line.ts';

export interface ChatOptions extends SamplingOptions {
  readonly address?: string;
  readonly verbose?: boolean;
}

interface Conversation {
  readonly address: string;
  readonly options: ChatOptions;
  readonly terminal: Terminal;
  messages: readonly MessageInput[];
  /** Attached, and not sent yet. */
  media: readonly Medium[];
}

const help = `  /picture FILE   attach a picture to what you say next
  /sound FILE     attach a sound
  /video FILE     attach a clip
  /new            forget the conversation
  /quit           leave (Ctrl-D and Ctrl-C too; during an answer Ctrl-C only stops it)`;

/** `isotherm chat`: a conversation, at a terminal or through a pipe. */
export const chat = async (options: ChatOptions): Promise<void> => {
  const terminal = terminalOf(process.stdout);
  const conversation: Conversation = {
    address: findRouter(options.address),
    options,
    terminal,
    messages: [],
    media: [],
  };
  const atTerminal = process.stdin.isTTY;
  const lines = createInterface({
    input: process.stdin,
    ...(atTerminal && { output: process.stdout }),
    prompt: terminal.style('cyan', '› '),
  });
  if (atTerminal) {
    terminal.line(`Talking to ${conversation.address}. /help lists the commands.`);
    lines.prompt();
  }
  for await (const line of lines) {
    const command = parseChatLine(line);
    if (command.kind === 'quit') break;
    await obey(command, conversation, lines);
    if (atTerminal) lines.prompt();
  }
  lines.close();
  if (atTerminal) terminal.line();
};

const obey = async (
  command: Exclude<ChatLine, { kind: 'quit' }>,
  conversation: Conversation,
  lines: Interface,
): Promise<void> => {
  const { terminal } = conversation;
  try {
    switch (command.kind) {
      case 'nothing':
        return;
      case 'help':
        return terminal.line(help);
      case 'new':
        conversation.messages = [];
        conversation.media = [];
        return terminal.line('A new conversation.');
      case 'unknown':
        return terminal.line(`There is no /${command.command} like that.\n${help}`);
      case 'attach':
        return await attach(command, conversation);
      case 'say':
        return await say(command.text, conversation, lines);
      default:
        return command satisfies never;
    }
  } catch (error) {
    // The conversation goes on: the line can be mended and sent again.
    process.stderr.write(`${errorLine(error)}\n`);
  }
};

const attach = async (
  { medium: kind, file }: Extract<ChatLine, { kind: 'attach' }>,
  conversation: Conversation,
): Promise<void> => {
  const { terminal } = conversation;
  const medium = await readMedium(file.replace(/^~(?=\/)/, homedir()), kind);
  conversation.media = [...conversation.media, medium];
  // Of a clip its first frame, where it is an animation; a sound is not drawn.
  const drawing = await drawPicture(medium.bytes, terminal).catch(() => []);
  for (const line of drawing) terminal.line(`  ${line}`);
  terminal.line(`${basename(file)} goes with what you say next.`);
};

const say = async (text: string, conversation: Conversation, lines: Interface): Promise<void> => {
  const { terminal, options, address, media } = conversation;
  const messages = [...conversation.messages, userMessage(text, media)];
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  lines.on('SIGINT', stop);
  process.on('SIGINT', stop);
  try {
    const answer = await generate({
      ...options,
      address,
      messages,
      signal: stopped.signal,
      onText: (piece) => terminal.foreign(piece),
    });
    const reply: MessageInput = { role: 'assistant', parts: [{ text: answer.text, part: 'text' }] };
    conversation.messages = [...messages, reply];
    conversation.media = [];
    terminal.line();
    if (options.verbose === true) {
      for (const line of timeLines(answer)) terminal.line(terminal.style('dim', line));
    }
  } catch (error) {
    if (!stopped.signal.aborted) {
      // A medium that was refused would be refused with every question to come.
      if (media.length > 0 && isRefusal(error)) conversation.media = [];
      throw error;
    }
    terminal.line(terminal.style('dim', ' (stopped; the question is forgotten)'));
  } finally {
    lines.off('SIGINT', stop);
    process.off('SIGINT', stop);
  }
};

const isRefusal = (error: unknown): boolean =>
  error instanceof Error &&
  /^(?:invalid_argument|payload_too_large|unsupported):/.test(error.message);

import type { LocalStack } from '@isotherm/stack';
import { chatBody } from '../client/chat-body.ts';
import type { Asked } from './load/ask.ts';
import type { Gateway } from './peers/gateway.ts';
import type { Nginx } from './peers/nginx.ts';
import type { Portkey } from './peers/portkey.ts';
import type { Stub } from './peers/stub.ts';

/**
 * `isotherm` is the whole fabric, whose stages make the answer; `colocated` the same with the stages in one process, as
 * `isotherm up --colocate encoder,prefill,decode` starts them, and lanes in Redis as ever. The others pass on what the stub answers: `gateway` is the
 * router with one instance in front of the stub, in one process, as Portkey's gateway is; `fronted` is the same in
 * processes of their own, with a lane in Redis between them.
 */
export type TargetName =
  'engine' | 'stub' | 'isotherm' | 'colocated' | 'gateway' | 'fronted' | 'portkey' | 'nginx';

/** How an answer is asked for: of the engine itself, in pieces, at once, or in pieces over gRPC. */
export type Form = 'direct' | 'streamed' | 'whole' | 'grpc';

/** Something that answers. */
export interface Target {
  readonly name: TargetName;
  readonly form: Form;
  readonly asked: Asked;
  /** The processes that are this target: not the stub behind it, not Redis. */
  pids(): Promise<readonly number[]>;
}

export interface Systems {
  readonly stack: LocalStack;
  readonly colocated: LocalStack;
  readonly gateway: Gateway;
  readonly fronted: LocalStack;
  readonly stub: Stub;
  readonly portkey: Portkey;
  readonly nginx: Nginx | undefined;
}

/** 16 tokens for the byte-level model of the profile: a KV cache of 32 KiB. */
export const smallQuestion = 'Is unit 3 on?';

/** Everybody is asked the same question for an answer of the same length. */
export const targetsOf = (systems: Systems, tokensMax: number): readonly Target[] => {
  const { stack, colocated, gateway, fronted, stub, portkey, nginx } = systems;
  const question = { text: smallQuestion, tokensMax };
  const overHttp = (
    form: 'streamed' | 'whole',
    baseUrl: string,
    headers: Readonly<Record<string, string>> = {},
  ): Asked => {
    const body = { ...chatBody(question), model: 'profile', stream: form === 'streamed' };
    return { kind: 'http', baseUrl, headers, bodies: [JSON.stringify(body)] };
  };
  const overGrpc = (address: string): Asked => ({ kind: 'grpc', address, ...question });
  const pidsOf = {
    engine: async () => [],
    stub: async () => [stub.pid],
    isotherm: async () => pidsOfStack(stack),
    colocated: async () => pidsOfStack(colocated),
    gateway: async () => [gateway.pid],
    fronted: async () => pidsOfStack(fronted),
    portkey: async () => [portkey.pid],
    nginx: async () => nginx?.pids() ?? [],
  };
  const target = (name: TargetName, form: Form, asked: Asked): Target => ({
    ...{ name, form, asked },
    pids: pidsOf[name],
  });
  return [
    target('engine', 'direct', { kind: 'engine', ...question }),
    ...(['streamed', 'whole'] as const).flatMap((form) => [
      target('stub', form, overHttp(form, stub.http)),
      target('isotherm', form, overHttp(form, stack.http)),
      target('colocated', form, overHttp(form, colocated.http)),
      target('gateway', form, overHttp(form, gateway.baseUrl)),
      target('fronted', form, overHttp(form, fronted.http)),
      target('portkey', form, overHttp(form, portkey.baseUrl, portkey.headers(stub.http))),
      ...(nginx === undefined ? [] : [target('nginx', form, overHttp(form, nginx.baseUrl))]),
    ]),
    target('stub', 'grpc', overGrpc(stub.grpc)),
    target('isotherm', 'grpc', overGrpc(stack.grpc)),
    ...(nginx === undefined ? [] : [target('nginx', 'grpc', overGrpc(nginx.grpc))]),
  ];
};

const pidsOfStack = (stack: LocalStack): readonly number[] =>
  (['router', 'encoder', 'prefill', 'decode', 'colocated', 'upstream'] as const).flatMap(
    (service) => stack.instances(service).map(({ pid }) => pid),
  );

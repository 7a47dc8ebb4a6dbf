import type { HttpReader } from '../http/http-reader.ts';
import { isResource, type Resource } from './redfish-json.ts';

/** How to sign in. Secrets are kept out of every message. */
export type RedfishAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic' | 'session'; readonly user: string; readonly password: string };

/** A management controller's resources. */
export interface RedfishClient {
  /** A resource by its path. Throws a sentence where there is none. */
  get(path: string, signal: AbortSignal): Promise<Resource>;
  /** Ends the session, where there is one: controllers have room for few. */
  close(): Promise<void>;
}

interface Session {
  readonly token: string;
  /** Where it is ended. */
  readonly path: string | undefined;
}

/** Thrown for an answer other than 200. */
export class RedfishStatusError extends Error {
  override readonly name = 'RedfishStatusError';
  readonly status: number;
  constructor(where: string, status: number) {
    super(`${where}: answers ${status}${status === 401 ? ' (user or password)' : ''}`);
    this.status = status;
  }
}

const sessionsPath = '/redfish/v1/SessionService/Sessions';
/** How long the end of a session may take, in milliseconds. */
const closeMsMax = 2_000;

export const redfishClient = (base: URL, auth: RedfishAuth, read: HttpReader): RedfishClient => {
  let session: Session | undefined;
  /** Under way: requests that go side by side wait for one and the same. */
  let signingIn: Promise<Session> | undefined;

  const signIn = async (signal: AbortSignal): Promise<Session> => {
    const url = new URL(sessionsPath, base);
    const { status, headers } = await read(url, signal, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(
        auth.kind === 'none' ? {} : { UserName: auth.user, Password: auth.password },
      ),
    });
    const token = headers['x-auth-token'];
    if (status !== 201 && status !== 200) throw new RedfishStatusError(whereOf(url), status);
    if (token === undefined) throw new Error(`${whereOf(url)}: gives no token`);
    const { location } = headers;
    // Some controllers write whole addresses, by names of their own.
    return { token, path: location === undefined ? undefined : new URL(location, base).pathname };
  };

  /** A session other than `old`, which has ended: controllers end them by time, and by their own restarts. */
  const renew = async (old: Session | undefined, signal: AbortSignal): Promise<void> => {
    if (auth.kind !== 'session' || session !== old) return;
    signingIn ??= signIn(signal).finally(() => {
      signingIn = undefined;
    });
    session = await signingIn;
  };

  const authorization = (): Readonly<Record<string, string>> => {
    if (auth.kind === 'basic') {
      const secret = Buffer.from(`${auth.user}:${auth.password}`).toString('base64');
      return { authorization: `Basic ${secret}` };
    }
    return session === undefined ? {} : { 'x-auth-token': session.token };
  };

  const ask = (url: URL, signal: AbortSignal) =>
    read(url, signal, { headers: { accept: 'application/json', ...authorization() } });

  return {
    get: async (path, signal) => {
      const url = urlOf(path, base);
      if (session === undefined) await renew(undefined, signal);
      const used = session;
      let answer = await ask(url, signal);
      if (answer.status === 401 && auth.kind === 'session') {
        await renew(used, signal);
        answer = await ask(url, signal);
      }
      if (answer.status !== 200) throw new RedfishStatusError(whereOf(url), answer.status);
      return parsed(answer.text, whereOf(url));
    },
    close: async () => {
      if (session?.path === undefined) return;
      const url = urlOf(session.path, base);
      const headers = authorization();
      session = undefined;
      await read(url, AbortSignal.timeout(closeMsMax), { method: 'DELETE', headers });
    },
  };
};

/** Links stay on the controller that they came from: they are sent its credentials. */
const urlOf = (path: string, base: URL): URL => {
  const url = new URL(path, base);
  if (url.origin !== base.origin) throw new Error(`${base.origin}: links to another server`);
  return url;
};

const whereOf = ({ origin, pathname }: URL): string => `${origin}${pathname}`;

const parsed = (text: string, where: string): Resource => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${where}: the answer is no JSON`);
  }
  if (!isResource(value)) throw new Error(`${where}: the answer is no JSON object`);
  return value;
};

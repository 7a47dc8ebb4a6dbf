/**
 * Finds or starts a Redis for development and tests, without any package. In this order:
 * REDIS_URL, a server on the PATH, the server inside Debian's redis-tools, Docker, and, for root
 * on Debian, an installation of redis-tools.
 *
 * A server that is started here keeps nothing on disk, never evicts, listens on the loopback only
 * and ends with this process.
 */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const startTimeoutMs = 10_000;
const dockerStartTimeoutMs = 60_000;
const pingTimeoutMs = 500;
const pingIntervalMs = 10;

/**
 * @typedef {object} ProvidedRedis
 * @property {string} how What was started, as part of a sentence.
 * @property {string} url redis://host:port
 * @property {Promise<unknown>} [ended] Settles when a server that was started here has ended, for whatever reason.
 * @property {(signal: NodeJS.Signals) => void} kill Sends a server that was started here a signal.
 * @property {() => Promise<void>} stop Stops it and removes its folder; leaves a server that was already there.
 */

/**
 * @param {{ port?: number, ownGroup?: boolean, keepIn?: string }} [options] Without `port` a free one is taken; REDIS_URL
 *   ignores all. With `ownGroup` a Ctrl-C at the terminal does not reach the server: the caller stops it when its users
 *   are done. `keepIn` is a folder of the caller's in which it keeps all that it is told, for a later start to find.
 * @returns {Promise<ProvidedRedis>}
 */
export const startRedis = async ({ port: wantedPort, ownGroup = false, keepIn } = {}) => {
  const given = process.env.REDIS_URL;
  const nothing = { kill: () => {}, stop: async () => {} };
  if (given) return { how: 'the server that REDIS_URL names', url: given, ...nothing };

  const port = wantedPort ?? (await freePort());
  const present = nativeServer();
  if (present) return startNative(present, { port, ownGroup, keepIn });

  const docker = await startDocker(port, keepIn);
  if (docker) return docker;

  const installed = installServer();
  if (installed) return startNative(installed, { port, ownGroup, keepIn });

  throw new Error(
    'No Redis was found. Do one of these: set REDIS_URL to a running server, install Redis ' +
      '(Debian and Ubuntu: apt-get install redis-server), or start Docker.',
  );
};

/** A program that is a Redis server, and the words for it. */
const nativeServer = () => {
  for (const name of ['redis-server', 'valkey-server']) {
    const file = onPath(name);
    if (file) return { file, how: `${name} (native)`, needsName: false };
  }
  // Debian links the server and its checkers into one program, which acts by its own name.
  const checker = onPath('redis-check-rdb') ?? executable('/usr/bin/redis-check-rdb');
  return checker && { file: checker, how: "Debian's redis-tools (native)", needsName: true };
};

const executable = (file) => {
  try {
    accessSync(file, constants.X_OK);
    return file;
  } catch {
    return undefined;
  }
};

const onPath = (name) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => executable(join(folder, name)))
    .find(Boolean);

const serverArguments = (port, keeps) =>
  [
    ['--port', String(port)],
    ['--save', ''],
    ['--appendonly', keeps ? 'yes' : 'no'],
    ['--maxmemory-policy', 'noeviction'],
  ].flat();

const startNative = async ({ file, how, needsName }, { port, ownGroup, keepIn }) => {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-redis-'));
  let program = file;
  if (needsName) {
    program = join(folder, 'redis-server');
    symlinkSync(file, program);
  }
  const place = ['--bind', '127.0.0.1', '--dir', keepIn ?? folder];
  const child = spawn(program, [...serverArguments(port, keepIn !== undefined), ...place], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: ownGroup,
  });
  let said = '';
  const listen = (chunk) => {
    said = (said + chunk).slice(-2_000);
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  // The server is no reason for this process to stay.
  for (const handle of [child, child.stdout, child.stderr]) handle.unref();

  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', (error) => {
      listen(error.message);
      resolve();
    });
  });
  const onExit = () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', onExit);
  const stop = async () => {
    process.off('exit', onExit);
    child.ref();
    child.kill('SIGTERM');
    const hardKill = setTimeout(() => child.kill('SIGKILL'), 2_000);
    await ended;
    clearTimeout(hardKill);
    rmSync(folder, { recursive: true, force: true });
  };

  if (await answers(port, startTimeoutMs, ended)) {
    const kill = (signal) => void child.kill(signal);
    return { how, url: `redis://127.0.0.1:${port}`, ended, kill, stop };
  }
  await stop();
  throw new Error(`${how} did not start on port ${port}. It said:\n${said}`);
};

const startDocker = async (port, keepIn) => {
  if (!onPath('docker')) return undefined;
  const docker = (...words) => spawnSync('docker', words, { encoding: 'utf8', timeout: 120_000 });
  if (docker('info').status !== 0) return undefined;
  const image = process.env.REDIS_IMAGE ?? 'redis:7-bookworm';
  const started = docker(
    ...['run', '--detach', '--rm', '--publish', `127.0.0.1:${port}:6379`],
    ...(keepIn === undefined ? [] : ['--volume', `${keepIn}:/data`]),
    ...[image, 'redis-server', ...serverArguments(6379, keepIn !== undefined)],
  );
  if (started.status !== 0) return undefined;
  const container = started.stdout.trim();
  const remove = () => docker('rm', '--force', container);
  if (!(await answers(port, dockerStartTimeoutMs))) {
    remove();
    return undefined;
  }
  process.once('exit', remove);
  const stop = async () => {
    process.off('exit', remove);
    remove();
  };
  const kill = (signal) => void docker('kill', '--signal', signal, container);
  return { how: `${image} (Docker)`, url: `redis://127.0.0.1:${port}`, kill, stop };
};

/** Root on Debian may install the small package that contains the server. */
const installServer = () => {
  if (process.getuid?.() !== 0 || !onPath('apt-get')) return undefined;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1' };
  const apt = (...words) =>
    spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=120', '-qq', ...words], {
      env,
      stdio: 'ignore',
      timeout: 180_000,
    }).status === 0;
  const install = () => apt('install', '--yes', '--no-install-recommends', 'redis-tools');
  if (!install()) {
    apt('update');
    install();
  }
  return nativeServer();
};

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Whether a Redis answers on the port in time; `ended` settles early when its process has gone. */
const answers = async (port, timeoutMs, ended) => {
  let gone = false;
  void ended?.then(() => {
    gone = true;
  });
  const until = performance.now() + timeoutMs;
  while (!gone && performance.now() < until) {
    // A stranger on the port could answer while the child that wanted it has just failed.
    if (await ping(port)) return !gone;
    await new Promise((resolve) => setTimeout(resolve, pingIntervalMs));
  }
  return false;
};

const ping = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answered) => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(pingTimeoutMs, () => end(false));
    socket.once('error', () => end(false));
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (data) => end(String(data).startsWith('+PONG')));
  });

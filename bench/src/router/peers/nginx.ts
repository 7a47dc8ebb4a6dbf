import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { repositoryRoot } from '../../report/repository.ts';
import { freePort, startListening } from '../bench-process.ts';

/** nginx in front of a server, over HTTP (`proxy_pass`) and gRPC (`grpc_pass`). */
export interface Nginx {
  readonly version: string;
  readonly baseUrl: string;
  /** host:port */
  readonly grpc: string;
  /** Of the master and its workers. */
  pids(): Promise<readonly number[]>;
  stop(): Promise<void>;
}

/** Starts the nginx that is there or that Debian has; undefined where neither can be had. */
export const startNginx = async (server: {
  readonly http: string;
  readonly grpc: string;
}): Promise<Nginx | undefined> => {
  const program = onPath() ?? unpacked();
  if (program === undefined) return undefined;
  const [httpPort, grpcPort] = [await freePort(), await freePort()];
  const folder = await mkdtemp(join(tmpdir(), 'isotherm-nginx-'));
  for (const name of temporaryFolders) await mkdir(join(folder, name));
  const file = join(folder, 'nginx.conf');
  await writeFile(file, configuration({ folder, httpPort, grpcPort, ...server }));
  const command = [program, '-p', folder, '-c', file, '-e', 'stderr', '-g', 'daemon off;'];
  const started = await startListening('nginx', command, grpcPort);
  return {
    version: versionOf(program),
    baseUrl: `http://127.0.0.1:${httpPort}`,
    grpc: `127.0.0.1:${grpcPort}`,
    pids: async () => [started.pid, ...(await childrenOf(started.pid))],
    stop: async () => {
      await started.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const temporaryFolders = ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'] as const;

/** As one would run it in front of model servers: kept connections, no buffering of streams, no access log. */
const configuration = (at: {
  readonly folder: string;
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly http: string;
  readonly grpc: string;
}): string => `
worker_processes auto;
pid ${at.folder}/nginx.pid;
${process.getuid?.() === 0 ? 'user root;' : ''}
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  client_max_body_size 64m;
  client_body_temp_path ${at.folder}/body;
  proxy_temp_path ${at.folder}/proxy;
  fastcgi_temp_path ${at.folder}/fastcgi;
  uwsgi_temp_path ${at.folder}/uwsgi;
  scgi_temp_path ${at.folder}/scgi;
  keepalive_requests 1000000;
  upstream http_server { server ${at.http.replace('http://', '')}; keepalive 128; }
  upstream grpc_server { server ${at.grpc}; keepalive 128; }
  server {
    listen 127.0.0.1:${at.httpPort};
    location / {
      proxy_pass http://http_server;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
  server {
    listen 127.0.0.1:${at.grpcPort} http2;
    location / { grpc_pass grpc://grpc_server; }
  }
}
`;

const executable = (file: string): string | undefined => {
  try {
    accessSync(file, constants.X_OK);
    return file;
  } catch {
    return undefined;
  }
};

const onPath = (): string | undefined =>
  [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
    .filter((folder) => folder !== '')
    .map((folder) => executable(join(folder, 'nginx')))
    .find((file) => file !== undefined);

/** Debian's package, unpacked beside the build and not installed: an installed one would start a server. */
const unpacked = (): string | undefined => {
  const folder = join(repositoryRoot, '.isotherm/bench/nginx');
  const program = join(folder, 'usr/sbin/nginx');
  const known = executable(program);
  if (known !== undefined) return known;
  const run = (command: string): boolean =>
    spawnSync('sh', ['-c', command], { cwd: folder, stdio: 'ignore', timeout: 180_000 }).status ===
    0;
  spawnSync('mkdir', ['-p', folder]);
  const fetch = 'apt-get -qq download nginx && dpkg-deb -x nginx_*.deb . && rm nginx_*.deb';
  if (!run(fetch)) run(`apt-get -qq update; ${fetch}`);
  return executable(program);
};

const versionOf = (program: string): string =>
  spawnSync(program, ['-v'], { encoding: 'utf8' }).stderr.trim().split('/').at(-1) ?? '';

const childrenOf = async (pid: number): Promise<readonly number[]> => {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = tasks.map((task) =>
    readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => ''),
  );
  return (await Promise.all(lists)).flatMap((list) => list.split(' ').filter(Boolean).map(Number));
};

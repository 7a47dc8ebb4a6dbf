/**
 * What the router adds: the whole fabric, Portkey's gateway and nginx, each in front of an engine of zero cost.
 *
 * Measured in turn, in every run, on this machine, everybody a process of its own:
 * - `isotherm`: HTTP (or gRPC) to the router, Redis lanes, a prefill and a decode service with the profile engine. What
 *   it adds is over the same engine called in the process that measures, without any server.
 * - `colocated`: the same with all stages in one process (`isotherm up --colocate encoder,prefill,decode`), which is the form
 *   for few cores; lanes go through Redis as ever, payloads between stages pass by reference.
 * - `gateway`: the same router and one `upstream` instance, in one process and without Redis (services/embedded), in front
 *   of a plain server that always gives the same answer. What it adds is over that server asked directly. This, and not
 *   `isotherm`, does what Portkey's gateway does. `fronted`: the same in two processes, with a lane in Redis.
 * - `portkey` (npm @portkey-ai/gateway, as its package starts it) and `nginx` (`proxy_pass` and `grpc_pass`; Debian's
 *   package, unpacked and not installed; left out, and said so, where it cannot be had), in front of the same server.
 *   What they add is over it too.
 * - Latency: requests at even intervals, the same rate for all, not waiting for earlier ones. Requests/s: a closed loop.
 *   Both with short answers, streamed, not streamed, and over gRPC. The keys without a form are streamed, until the last
 *   byte. Portkey's gateway waits 25 ms before the first piece of every stream; without streaming it does not.
 * - Beside large ones: small requests at an even rate, in turns alone and with many texts and pictures of 220 KB in flight,
 *   and how late the router's event loop is. The large ones go on to a pool of their own, whose processes step back for others
 *   (docs/how-to/keep-large-requests-apart.md); `shared` is one fabric for both. What sends the large ones steps back too.
 * - Overload: as `npm run bench -- overload` measures it, the same code: three times what the fleet can answer.
 *
 * How to read it: isotherm does more than the others (queues, two services, tokens to text), on the same cores.
 * Differences are of percentiles; figures are medians over the runs. Memory is resident, of all processes of a target:
 * four services for isotherm (Redis comes on top). The raw result is bench/results/router.json.
 *
 * Usage: npm run bench -- router [--only beside] [--quick]
 * With --only beside nothing but the part beside large ones is measured; its result is router-beside.json.
 */
import { measureOverload } from './overload/measure-overload.ts';
import { fullOverload, quickOverload } from './overload/parameters.ts';
import { type Measured, runBench } from './report/run-bench.ts';
import { measureBesideLarge } from './router/beside-large.ts';
import { measureDecisions } from './router/decision.ts';
import { besideFigures, routerFigures } from './router/figures.ts';
import { measureRouter } from './router/measure-router.ts';
import { fullParameters, quickParameters } from './router/parameters.ts';

const measure = async (redisUrl: string, quick: boolean, only?: 'beside'): Promise<Measured> => {
  const parameters = quick ? quickParameters : fullParameters;
  if (only !== undefined) {
    const beside = await measureBesideLarge(redisUrl, parameters);
    return { figures: besideFigures(beside), raw: { parameters, beside } };
  }
  const measured = await measureRouter(redisUrl, parameters);
  const beside = await measureBesideLarge(redisUrl, parameters);
  const { overload: overloadParameters } = quick ? quickOverload : fullOverload;
  const overload = await measureOverload(redisUrl, overloadParameters);
  const figures = routerFigures({
    ...{ runs: measured.runs, beside, overload },
    decisionP99Ms: measureDecisions(quick ? 300 : 6000),
  });
  return { figures, raw: { parameters, overloadParameters, ...measured, beside, overload } };
};

await runBench('router', measure, ['beside']);

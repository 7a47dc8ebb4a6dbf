import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ask, type AskOptions } from './ask/ask.ts';
import { chat, type ChatOptions } from './chat/chat.ts';
import { CommandError, errorLine, exitCode } from './exit-code.ts';
import { drain, type DrainOptions } from './drain/drain.ts';
import { explain, type ExplainOptions } from './explain/explain.ts';
import { reconfigure, type ReconfigureOptions } from './reconfigure/reconfigure.ts';
import type { SimulateOptions } from './simulate/simulate.ts';
import type { ProfileFlags } from './profile/profile.ts';
import { instancesMax } from './plan/decide-deployment.ts';
import { status, type StatusOptions } from './status/status.ts';
import { colocatedServices } from './up/colocation.ts';
import { inject, type InjectOptions } from './inject/inject.ts';
import { injections } from './inject/emergency-of.ts';
import { room, type RoomOptions } from './room/room.ts';
import { topology, type TopologyOptions } from './topology/topology.ts';
import { up, type UpFlags } from './up/up.ts';

const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };

const numberFrom =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`);
  };

const several = (one: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  one,
];

const instances = wholeNumber(1, instancesMax);
const port = wholeNumber(0, 65_535);

const address = (): Option =>
  new Option(
    '--address <host:port>',
    "the router's gRPC address (default: the running stack's)",
  ).env('ISOTHERM_ADDRESS');

const sampling = (command: Command): Command =>
  command
    .option('--model <name>', 'which model, where the router serves several')
    .option('--max-tokens <n>', 'longest answer in tokens', wholeNumber(1, 2 ** 31 - 1))
    .option('--temperature <t>', '0 always takes the likeliest token', numberFrom(0, 2))
    .option('--seed <n>', 'makes sampling repeat itself', wholeNumber(0, 2 ** 32 - 1))
    .option('--timeout <seconds>', 'longest wait for the whole answer', numberFrom(0.001, 86_400));

const upCommand = (root: Command): Command =>
  root
    .command('up')
    .summary('start every service on this machine')
    .description(
      'Starts a router, an encoder, a prefill and a decode service as processes of their own, ' +
        'with a Redis between them and a thermal service whose virtual room they heat, and stays up until ' +
        'Ctrl-C, which leaves nothing behind.',
    )
    .option('--demo', 'ask two questions about a picture and show where the time went')
    .option('--picture <file>', 'picture of the demo')
    .option('--question <text>', 'question of the demo')
    .option('--once', 'stop and exit after the demo, or as soon as everything is ready')
    .option(
      '--model <dir>',
      "model folder in the layout of transformers.js exports, repeatable; with --upstream the server's name of it",
      several,
    )
    .option(
      '--upstream <url>',
      'server that runs a whole model, http://host:port/v1; repeatable',
      several,
    )
    .option(
      '--upstream-prefill <url>',
      'vLLM server that runs prompts for others; repeatable',
      several,
    )
    .option('--upstream-decode <url>', 'vLLM server that goes on from them; repeatable', several)
    .option(
      '--upstream-server <kind>',
      'these are, if it cannot be found out: vllm, sglang, llama.cpp, ollama, isotherm, openai',
    )
    .option('--precision <name>', 'variant of its ONNX files: fp32, int8, …', 'fp32')
    .addOption(
      new Option('--engine <name>', 'what runs the model; profile takes given times instead')
        .choices(['onnx', 'profile'])
        .default('onnx'),
    )
    .option('--encoders <n>', 'encoder instances of each model', instances, 1)
    .option('--prefills <n>', 'prefill instances of each model', instances, 1)
    .option('--decodes <n>', 'decode instances of each model', instances, 1)
    .option('--routers <n>', 'routers, each with ports of its own', instances, 1)
    .option('--room <file>', 'topology of the room, YAML (default: an example of 24 servers)')
    .option(
      '--time-scale <n>',
      'how many times as fast as the clock the virtual room runs',
      numberFrom(0.1, 1000),
    )
    .option('--gpus <n>', 'GPUs of the room that each instance stands for', wholeNumber(1, 64), 8)
    .option('--no-thermal', 'without the thermal service and its room')
    .option('--http-port <port>', 'port of the HTTP API, 0 for any (default: 8080 if free)', port)
    .option('--grpc-port <port>', 'port of the gRPC API, 0 for any (default: 50051 if free)', port)
    .option(
      '--colocate <services>',
      'several of encoder,prefill,decode in one process: payloads pass by reference',
      colocatedServices,
    )
    .option(
      '--plan <file>',
      'decides instances and what shares a process from a profile and the traffic (docs/how-to/plan-a-deployment.md)',
    )
    .option('--plan-only', 'shows what --plan decides, and exits')
    .option('--autoscale', 'with --plan: instances of each stage follow the load')
    .option(
      '--autoscale-every <seconds>',
      'time between two plans (default: 300)',
      numberFrom(1, 86_400),
    )
    .option('--autoscale-max <n>', 'most instances of a stage (default: 8)', instances)
    .option('--autoscale-port <port>', 'port of its metrics (default: any)', port)
    .option('--embedded', 'everything in one process, without Redis')
    .option('--verbose', 'show what the services log')
    .option('--json', 'one JSON object a line instead of text')
    .addHelpText(
      'after',
      `
Redis: REDIS_URL if set, else one is started and stopped (a server on PATH, Debian's redis-tools,
Docker, or for root apt-get). Where none can be had, everything runs embedded, and it says so.

--colocate: what is named shares one process, and payloads pass by reference between them; all
instances of the others have a process each. docs/how-to/share-a-process.md says when it pays.

Settings of the services (ISOTHERM_… in the environment) are passed on; their READMEs list them.

Examples:
  isotherm up --demo --once                    one question, one answer, exit 0
  isotherm up --decodes 2 --precision int8     two decode instances, 8-bit weights
  isotherm up --colocate encoder,prefill       these two in one process, decode in its own
  isotherm up --model ~/models/SmolVLM-256M-Instruct --demo
  isotherm up --model models/panel --model models/panel-x      two models, one router
  isotherm up --decodes 4 --time-scale 10      watch it with isotherm room, lose cooling with isotherm inject
  isotherm up --engine profile                 no model: for measuring the fabric
  isotherm up --upstream http://127.0.0.1:8000/v1   in front of vLLM, SGLang, llama.cpp, Ollama`,
    );

const askCommand = (root: Command): Command =>
  sampling(root.command('ask'))
    .summary('ask a question about pictures, sounds and clips')
    .description('Asks one question about some files and prints the answer as it is made.')
    .usage('[options] FILE... QUESTION')
    .argument(
      '<words...>',
      'pictures, sounds and clips in their order, - for none; then the question',
    )
    .addOption(address())
    .option('--verbose', 'show where the time went, stage by stage')
    .option('--json', 'one JSON object with answer, token counts and times')
    .addHelpText(
      'after',
      `
Examples:
  isotherm ask models/panel/examples/rack.png "Which unit has a fault?"
  isotherm ask before.png after.png "Which picture has a fault?"
  isotherm ask rack.png fan.wav clip.webp "Is there an alarm?"
  isotherm ask photo.jpg "Describe the picture." --verbose
  isotherm ask photo.jpg "Describe the picture." --json | jq -r .answer
  isotherm ask rack.png "Which unit has a fault?" --address 10.0.0.7:50051`,
    );

const chatCommand = (root: Command): Command =>
  sampling(root.command('chat'))
    .summary('talk about pictures, sounds and clips')
    .description(
      'A conversation. /picture, /sound and /video FILE attach a file to what you say next, ' +
        '/new starts afresh, /help lists the rest. Ctrl-C stops an answer; ' +
        'at the prompt it leaves. A pipe works too.',
    )
    .addOption(address())
    .option('--verbose', 'show where the time went after each answer');

const statusCommand = (root: Command): Command =>
  root
    .command('status')
    .summary('what the router knows')
    .description(
      'Shows the instances that a router knows, and what it holds for requests in flight.',
    )
    .addOption(address())
    .option('--json', 'the same as one JSON object');

const drainCommand = (root: Command): Command =>
  root
    .command('drain')
    .summary('take an instance or a router out, without losing anything')
    .description(
      'Lets an instance or a router take no new work, end what it has begun, and leave. ' +
        'Shows what is left, and returns when it has gone. What has not ended within the grace goes on ' +
        'at another instance. SIGTERM to its process does the same.',
    )
    .argument('<instance>', 'id of an instance or a router, as isotherm status shows it')
    .option(
      '--grace <seconds>',
      'longest wait for what it has begun',
      numberFrom(0.001, 86_400),
      60,
    )
    .option('--force', 'even if it is the last one that can do its work')
    .addOption(address())
    .option('--json', 'one JSON object when it has gone');

const explainCommand = (root: Command): Command =>
  root
    .command('explain')
    .summary('what was decided about a request, and why')
    .description(
      'Asks all routers for the record of one request: how it was admitted, which instances were in the ' +
        'running for each stage and what spoke for the one that was picked, what failed and where it went.',
    )
    .argument('<request>', 'request id, as in the header x-request-id')
    .addOption(address())
    .option('--json', 'the same as one JSON object')
    .addHelpText(
      'after',
      `
Example:
  isotherm explain "$(isotherm ask photo.jpg "What is this?" --json | jq -r .request_id)"`,
    );

const reconfigureCommand = (root: Command): Command =>
  root
    .command('reconfigure')
    .summary('change how instances run while they serve')
    .description(
      'Gives instances another clock, another batch, or something else to run: another precision, number of ' +
        'threads or model, which is loaded beside what they have. What has begun ends as it began; returns ' +
        'when new work runs the new way.',
    )
    .argument('<instance>', 'instance id, or encode, prefill or decode for all of a stage')
    .option('--precision <name>', 'variant of the ONNX files: fp32, int8, …')
    .option(
      '--clock <share>',
      'share of the full clock; where an engine has none, it rests for the remaining time',
      numberFrom(0.05, 1),
    )
    .option(
      '--batch <number>',
      'most media or sequences in a batch; 0 for the configured number',
      wholeNumber(0, 4096),
    )
    .option('--threads <number>', 'threads inside one operator', wholeNumber(1, 256))
    .option('--model <name>', 'one of ISOTHERM_MODEL_VARIANTS that takes the place of its model')
    .addOption(address())
    .option('--json', 'one JSON object: how each instance runs')
    .addHelpText(
      'after',
      `
Examples:
  isotherm reconfigure decode --precision int8          all decode instances
  isotherm reconfigure prefill-1a2b3c4d --precision fp32 --threads 2
  isotherm reconfigure decode --clock 0.6                less power, less speed`,
    );

const thermalAddress = (): Option =>
  new Option(
    '--thermal <host:port>',
    "the thermal service's gRPC address (default: the one that the router hears)",
  ).env('ISOTHERM_THERMAL_ADDRESS');

const topologyCommand = (root: Command): Command =>
  root
    .command('topology')
    .summary("check a room's plan, and draw it")
    .description(
      'Reads the plan of a room and draws it as a tree: what feeds what, which limits there are, where servers ' +
        'stand. A plan that cannot be used is refused with all its problems and their places. Nothing has to run.',
    )
    .argument('[file]', 'plan, YAML (default: deploy/rooms/demo.yaml, the room of isotherm up)')
    .option('--json', 'the same as one JSON object; of a refused plan its problems')
    .addHelpText(
      'after',
      `
Examples:
  isotherm topology
  isotherm topology my-room.yaml && isotherm up --room my-room.yaml`,
    );

const roomCommand = (root: Command): Command =>
  root
    .command('room')
    .summary('the room: power, air, temperatures, live')
    .description(
      'Shows the room as the thermal service knows it: what is lost, the power of UPS units and rows, the air ' +
        'of aisles, inlets, watts, fans, and the temperature of each GPU (! slowed down by its hardware, off shut ' +
        'down). At a terminal it is drawn anew until Ctrl-C; into a pipe once.',
    )
    .option('--once', 'once, at a terminal too')
    .option('--every <seconds>', 'time between two looks', numberFrom(0.1, 3600), 1)
    .addOption(thermalAddress())
    .addOption(address())
    .option('--json', 'once, as one JSON object');

const injectCommand = (root: Command): Command =>
  root
    .command('inject')
    .summary('lose cooling or power in a virtual room, to see what happens')
    .description(
      'Declares an emergency. In a virtual room it happens; in a real one the service only acts as if it had: ' +
        'work moves and instances are slowed down. It stays on until its time is over or it is cleared.',
    )
    .argument('<what>', `${injections.join(', ')}; or clear`)
    .argument('[id]', 'which to clear; all of them without')
    .option('--aisle <id>', 'cooling-failure, ahu-loss: which aisle')
    .option('--ahu <id>', 'ahu-loss: which air handler of the aisle')
    .option('--row <id>', 'power-cut: which row; the whole room without')
    .option('--ups <id>', 'ups-loss: which unit')
    .option('--to <share>', 'cooling-failure, power-cut: what is left, 0 to 1', numberFrom(0, 1))
    .option('--by <kelvin>', 'heat-wave: how much warmer outside', numberFrom(-50, 50))
    .option('--for <seconds>', "how long, in the room's time", numberFrom(0.001, 31_536_000))
    .addOption(thermalAddress())
    .addOption(address())
    .option('--json', 'one JSON array of what was declared or cleared')
    .addHelpText(
      'after',
      `
Examples:
  isotherm inject cooling-failure --aisle a1 --to 0.5
  isotherm inject power-cut --to 0.75 --for 600
  isotherm inject heat-wave --by 12
  isotherm inject clear`,
    );

const listOf =
  <Item>(parse: (text: string) => Item) =>
  (text: string): readonly Item[] =>
    text.split(',').map(parse);

const profileCommand = (root: Command): Command =>
  root
    .command('profile')
    .summary("measure what a model's stages take on this machine")
    .description(
      'Opens the engines of a model folder one after the other, without services around them, and measures units of ' +
        'work by batch and tokens, and what random arrivals do to them; with the energy of the processors where ' +
        'they count it. Writes a profile, which the profile engine serves from and the simulator runs on ' +
        '(docs/profiles.md). Nothing else should run meanwhile.',
    )
    .argument(
      '[model]',
      'model folder in the layout of transformers.js exports (default: the one that ships)',
    )
    .option('--precision <names>', 'variants of its ONNX files, by commas', listOf(String), [
      'fp32',
    ])
    .option(
      '--threads <numbers>',
      'threads of an engine, by commas',
      listOf(wholeNumber(1, 256)),
      [1],
    )
    .option('--output <file>', 'where the profile goes (default: MODEL.profile.yaml)')
    .option('--seconds <s>', 'about how long each point is measured', numberFrom(0.01, 600), 0.5)
    .option('--quick', 'a small grid, to see that it works: its figures mean nothing')
    .option('--json', 'the profile as one JSON object instead of a table')
    .addHelpText(
      'after',
      `
Examples:
  isotherm profile
  isotherm profile ~/models/SmolVLM-256M-Instruct --precision fp32,int8 --threads 1,2 --output smol.yaml
  ISOTHERM_PROFILE_FILE=smol.yaml isotherm up --engine profile`,
    );

const simulateCommand = (root: Command): Command =>
  root
    .command('simulate')
    .summary('try policies on any number of GPUs')
    .description(
      'Runs every arm of an experiment from every seed, on all cores, and writes tables, plots and a page that shows ' +
        'them. The same seed has the same result. Runs are kept as they end: what was interrupted goes on where ' +
        'it was. Nothing has to run (docs/experiments.md).',
    )
    .argument('<file>', 'experiment, YAML')
    .option('--seed <n>', 'this seed alone', wholeNumber(0, 2 ** 31 - 1))
    .option('--seeds <n>', 'the first so many seeds', wholeNumber(1, 1000))
    .option(
      '--hours <n>',
      'so many simulated hours instead of its own duration',
      numberFrom(0.01, 8784),
    )
    .option('--arm <name>', 'this arm alone, repeatable', several)
    .option('--threads <n>', 'runs at once (default: one a core)', wholeNumber(1, 256))
    .option('--out <folder>', 'where results go (default: NAME.results)')
    .option('--fresh', 'run again what is there already')
    .option('--json', 'one JSON object instead of a table')
    .addHelpText(
      'after',
      `
Examples:
  isotherm simulate experiments/small.yaml
  isotherm simulate experiments/small.yaml --seed 7 --arm oblivious --json`,
    );

/** The `isotherm` command. */
export const createProgram = (): Command => {
  const root = new Command('isotherm')
    .description('Serves large multimodal models as separate stages: encode, prefill, decode.')
    .version('0.1.0')
    .helpCommand(false)
    .showHelpAfterError('Try --help.')
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'isotherm: ')),
    })
    .addHelpText(
      'after',
      `
Commands find the router by --address, else ISOTHERM_ADDRESS, else by what runs here; room and inject then ask it
for the thermal service.

Exit status: 0 fine; 1 it failed, standard error says why in a line; 2 the command line is wrong.`,
    )
    .exitOverride();
  upCommand(root).action((flags: UpFlags) => up(flags));
  askCommand(root).action((words: readonly string[], options: AskOptions) => {
    const files = words.slice(0, -1);
    const question = words.at(-1);
    if (question !== undefined && files.length > 0) return ask(files, question, options);
    throw new CommandError('Give files and a question: isotherm ask FILE... QUESTION.', {
      usage: true,
    });
  });
  chatCommand(root).action((options: ChatOptions) => chat(options));
  statusCommand(root).action((options: StatusOptions) => status(options));
  drainCommand(root).action((instance: string, options: DrainOptions) => drain(instance, options));
  explainCommand(root).action((request: string, options: ExplainOptions) =>
    explain(request, options),
  );
  topologyCommand(root).action((file: string | undefined, options: TopologyOptions) =>
    topology(file, options),
  );
  roomCommand(root).action((options: RoomOptions) => room(options));
  injectCommand(root).action((what: string, id: string | undefined, options: InjectOptions) =>
    inject(what, id, options),
  );
  profileCommand(root).action(async (model: string | undefined, flags: ProfileFlags) => {
    // Engines and what they load are for this command alone.
    const { profile } = await import('./profile/profile.ts');
    return profile(model, flags);
  });
  simulateCommand(root).action(async (file: string, options: SimulateOptions) => {
    // The simulator is for this command alone.
    const { simulate } = await import('./simulate/simulate.ts');
    return simulate(file, options);
  });
  reconfigureCommand(root).action((instance: string, options: ReconfigureOptions) =>
    reconfigure(instance, options),
  );
  return root;
};

/** Runs one command line and returns its exit status. */
export const runCommand = async (words: readonly string[]): Promise<number> => {
  const program = createProgram();
  try {
    if (words.length === 0) program.outputHelp();
    else await program.parseAsync(words, { from: 'user' });
    return exitCode.ok;
  } catch (error) {
    // Commander has said what is wrong already; help and version end with its exit code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
    process.stderr.write(`${errorLine(error)}\n`);
    return error instanceof CommandError ? error.code : exitCode.failure;
  }
};

import {
  choice,
  flag,
  integer,
  metricsListen,
  number,
  type Schema,
  type ServiceSettings,
  serviceSettings,
  text,
} from '@isotherm/runtime';

export const emergencyPlans = ['adjustable-first', 'uniform'] as const;
export type EmergencyPlan = (typeof emergencyPlans)[number];

/** Settings of the thermal service beside those that every service has. */
export interface ThermalOwnSettings {
  readonly roomFile: string;
  readonly sourcesFile: string;
  readonly roomVirtual: boolean;
  readonly timeScale: number;
  readonly roomStepS: number;
  readonly roomStepsMax: number;
  readonly roomSeed: number;
  readonly roomRiseSpread: number;
  readonly roomRestartAfterS: number;
  readonly opaqueMean: number;
  readonly opaqueSwing: number;
  readonly roundMsMin: number;
  readonly roundMsMax: number;
  readonly pollMs: number;
  readonly pollMsMax: number;
  readonly telemetryFutureMsMax: number;
  readonly telemetryAgeMsMax: number;
  readonly telemetryStaleMs: number;
  readonly telemetryStuckS: number;
  readonly telemetryReadingsPerSecondMax: number;
  readonly telemetrySourcesMax: number;
  readonly routeHorizonS: number;
  readonly watchersMax: number;
  readonly watchWholeMs: number;
  readonly leverPlace: boolean;
  readonly leverRoute: boolean;
  readonly leverReconfigure: boolean;
  readonly profiles: string;
  readonly profileFirstMs: number;
  readonly profileTokenMs: number;
  readonly emergencyPlan: EmergencyPlan;
  readonly actuate: boolean;
  readonly gpuServer: string;
  readonly gpuActuate: boolean;
  readonly gpuClockMaxMhz: number;
  readonly commandRetriesMax: number;
  readonly commandMsMax: number;
  readonly heldPlaceMs: number;
  readonly historySeriesMax: number;
  readonly historyFlushMs: number;
  readonly metricsListen: string;
}

type SharedSettings = Omit<
  ServiceSettings,
  'engine' | 'modelDir' | 'profile' | 'profileFile' | 'profileEntries'
>;

export type ThermalSettings = SharedSettings & ThermalOwnSettings;

const room: Schema<
  Pick<
    ThermalOwnSettings,
    | 'roomFile'
    | 'sourcesFile'
    | 'roomVirtual'
    | 'timeScale'
    | 'roomStepS'
    | 'roomStepsMax'
    | 'roomSeed'
    | 'roomRiseSpread'
    | 'roomRestartAfterS'
    | 'opaqueMean'
    | 'opaqueSwing'
  >
> = {
  roomFile: text({
    env: 'ISOTHERM_ROOM_FILE',
    about: 'topology of the room, YAML; empty takes an example of 24 servers',
    fallback: '',
  }),
  sourcesFile: text({
    env: 'ISOTHERM_SOURCES',
    about: 'sources of telemetry of a real room, YAML or JSON; empty: what others report',
    fallback: '',
  }),
  roomVirtual: flag({
    env: 'ISOTHERM_ROOM_VIRTUAL',
    about: 'steps a model of the room in place of a real one, whose sensors it then has',
    fallback: true,
  }),
  timeScale: number({
    env: 'ISOTHERM_TIME_SCALE',
    about: 'seconds of plant time that pass in a second; 1 where the room is real',
    fallback: 1,
    min: 0.1,
    max: 1000,
  }),
  roomStepS: number({
    env: 'ISOTHERM_ROOM_STEP_S',
    about: 'length of a step of the virtual room, in plant seconds',
    fallback: 0.5,
    min: 0.05,
    max: 10,
  }),
  roomStepsMax: integer({
    env: 'ISOTHERM_ROOM_STEPS_MAX',
    about: 'most steps of the virtual room at once; what it is behind by more is left out',
    fallback: 120,
    min: 1,
    max: 10_000,
  }),
  roomSeed: integer({
    env: 'ISOTHERM_ROOM_SEED',
    about: 'seed of what differs between GPUs and of what opaque tenants do in the virtual room',
    fallback: 1,
    min: 0,
    max: 2 ** 31 - 1,
  }),
  roomRiseSpread: number({
    env: 'ISOTHERM_ROOM_RISE_SPREAD',
    about: 'how much GPUs of a class differ in how they warm in the virtual room, as a share',
    fallback: 0.08,
    min: 0,
    max: 0.5,
  }),
  roomRestartAfterS: number({
    env: 'ISOTHERM_ROOM_RESTART_AFTER_S',
    about:
      'what switched itself off in the virtual room is switched on after so long, in plant seconds',
    fallback: 300,
    min: 1,
    max: 86_400,
  }),
  opaqueMean: number({
    env: 'ISOTHERM_OPAQUE_LOAD_MEAN',
    about: "mean utilisation of opaque tenants' GPUs in the virtual room",
    fallback: 0.6,
    min: 0,
    max: 1,
  }),
  opaqueSwing: number({
    env: 'ISOTHERM_OPAQUE_LOAD_SWING',
    about: 'by how much it swings over a day',
    fallback: 0.2,
    min: 0,
    max: 1,
  }),
};

const telemetry: Schema<
  Pick<
    ThermalOwnSettings,
    | 'telemetryFutureMsMax'
    | 'telemetryAgeMsMax'
    | 'telemetryStaleMs'
    | 'telemetryStuckS'
    | 'telemetryReadingsPerSecondMax'
    | 'telemetrySourcesMax'
  >
> = {
  telemetryFutureMsMax: integer({
    env: 'ISOTHERM_TELEMETRY_FUTURE_MS_MAX',
    about: "how far a reading may be ahead of this machine's clock, in milliseconds",
    fallback: 5_000,
    min: 0,
    max: 3_600_000,
  }),
  telemetryAgeMsMax: integer({
    env: 'ISOTHERM_TELEMETRY_AGE_MS_MAX',
    about: 'oldest reading that is taken, in milliseconds',
    fallback: 600_000,
    min: 1_000,
    max: 86_400_000,
  }),
  telemetryStaleMs: integer({
    env: 'ISOTHERM_TELEMETRY_STALE_MS',
    about: 'a reading older than this counts as missing: the worse is assumed, in milliseconds',
    fallback: 10_000,
    min: 100,
    max: 3_600_000,
  }),
  telemetryStuckS: number({
    env: 'ISOTHERM_TELEMETRY_STUCK_S',
    about: 'a temperature unmoved for so long while its power moved is stuck, in plant seconds',
    fallback: 120,
    min: 1,
    max: 86_400,
  }),
  telemetryReadingsPerSecondMax: integer({
    env: 'ISOTHERM_TELEMETRY_READINGS_PER_SECOND_MAX',
    about: 'most readings of one source in a second',
    fallback: 100_000,
    min: 1,
    max: 100_000_000,
  }),
  telemetrySourcesMax: integer({
    env: 'ISOTHERM_TELEMETRY_SOURCES_MAX',
    about: 'most sources that are told apart',
    fallback: 256,
    min: 1,
    max: 100_000,
  }),
};

const control: Schema<
  Pick<
    ThermalOwnSettings,
    | 'leverPlace'
    | 'leverRoute'
    | 'leverReconfigure'
    | 'profiles'
    | 'profileFirstMs'
    | 'profileTokenMs'
    | 'emergencyPlan'
    | 'actuate'
    | 'gpuServer'
    | 'gpuActuate'
    | 'gpuClockMaxMhz'
    | 'commandRetriesMax'
    | 'commandMsMax'
    | 'heldPlaceMs'
  >
> = {
  leverPlace: flag({
    env: 'ISOTHERM_LEVER_PLACE',
    about: 'places new work by what limits leave, else wherever GPUs are free',
    fallback: true,
  }),
  leverRoute: flag({
    env: 'ISOTHERM_LEVER_ROUTE',
    about: 'tells routers the headroom of instances; off: all look idle and cool',
    fallback: true,
  }),
  leverReconfigure: flag({
    env: 'ISOTHERM_LEVER_RECONFIGURE',
    about: 'reconfigures and caps instances before limits are passed',
    fallback: true,
  }),
  profiles: text({
    env: 'ISOTHERM_PROFILES',
    about:
      'files and folders of profiles by which instances are reconfigured, by :; none: by their clock, with the plant as it is modelled',
    fallback: '',
  }),
  profileFirstMs: number({
    env: 'ISOTHERM_PROFILE_FIRST_MS',
    about:
      'encode and prefill: work that takes longer does not count as done by a configuration, in milliseconds; 0: all does',
    fallback: 0,
    min: 0,
    max: 3_600_000,
  }),
  profileTokenMs: number({
    env: 'ISOTHERM_PROFILE_TOKEN_MS',
    about: 'decode: the same of the time of a token, in milliseconds; 0: all does',
    fallback: 0,
    min: 0,
    max: 3_600_000,
  }),
  emergencyPlan: choice({
    env: 'ISOTHERM_EMERGENCY_PLAN',
    about:
      'who gives in an emergency: ours first (adjustable-first), or all alike, which is what others are compared with (uniform)',
    choices: emergencyPlans,
    fallback: 'adjustable-first',
  }),
  actuate: flag({
    env: 'ISOTHERM_ACTUATE',
    about: 'does what was decided; off: says what would be done (dry run)',
    fallback: true,
  }),
  gpuServer: text({
    env: 'ISOTHERM_GPU_SERVER',
    about:
      "server of the room that is this machine: its GPUs' clocks and limits are steered; empty for none",
    fallback: '',
  }),
  gpuActuate: flag({
    env: 'ISOTHERM_GPU_ACTUATE',
    about: 'runs nvidia-smi -lgc, -rgc and -pl, which needs root; off: logs the commands (dry run)',
    fallback: false,
  }),
  gpuClockMaxMhz: integer({
    env: 'ISOTHERM_GPU_CLOCK_MAX_MHZ',
    about: 'the full clock of those GPUs, in MHz',
    fallback: 1_980,
    min: 100,
    max: 10_000,
  }),
  commandRetriesMax: integer({
    env: 'ISOTHERM_COMMAND_RETRIES_MAX',
    about: 'most repetitions of a command that its instance does not follow',
    fallback: 3,
    min: 0,
    max: 100,
  }),
  commandMsMax: integer({
    env: 'ISOTHERM_COMMAND_MS_MAX',
    about: 'longest wait for an instance to follow a command, in milliseconds',
    fallback: 5_000,
    min: 100,
    max: 600_000,
  }),
  heldPlaceMs: integer({
    env: 'ISOTHERM_HELD_PLACE_MS',
    about: 'how long a planned place is held for its instance, in milliseconds',
    fallback: 600_000,
    min: 1_000,
    max: 86_400_000,
  }),
};

const {
  engine: _,
  modelDir: __,
  profile: ___,
  profileFile: ____,
  profileEntries: _____,
  ...shared
} = serviceSettings;

export const thermalSettings: Schema<ThermalSettings> = {
  ...shared,
  ...room,
  ...telemetry,
  ...control,
  roundMsMin: integer({
    env: 'ISOTHERM_ROUND_MS_MIN',
    about: 'shortest time between two rounds, which take a second of plant time, in milliseconds',
    fallback: 200,
    min: 10,
    max: 60_000,
  }),
  roundMsMax: integer({
    env: 'ISOTHERM_ROUND_MS_MAX',
    about: 'longest time between two rounds, in milliseconds',
    fallback: 1_000,
    min: 10,
    max: 60_000,
  }),
  pollMs: integer({
    env: 'ISOTHERM_LOAD_POLL_MS',
    about: "time between two looks at an instance's load, in milliseconds",
    fallback: 250,
    min: 20,
    max: 60_000,
  }),
  pollMsMax: integer({
    env: 'ISOTHERM_LOAD_POLL_MS_MAX',
    about: 'longest wait for its answer, in milliseconds',
    fallback: 2_000,
    min: 20,
    max: 60_000,
  }),
  routeHorizonS: integer({
    env: 'ISOTHERM_ROUTE_HORIZON_S',
    about: 'how far ahead headroom for routing looks, in plant seconds: 10, 60 or 600',
    fallback: 60,
    min: 10,
    max: 600,
  }),
  watchersMax: integer({
    env: 'ISOTHERM_WATCHERS_MAX',
    about: 'most streams of headroom at once',
    fallback: 256,
    min: 1,
    max: 100_000,
  }),
  watchWholeMs: integer({
    env: 'ISOTHERM_WATCH_WHOLE_MS',
    about: 'time after which a watcher is told everything again, in milliseconds',
    fallback: 5_000,
    min: 100,
    max: 600_000,
  }),
  historySeriesMax: integer({
    env: 'ISOTHERM_HISTORY_SERIES_MAX',
    about: 'most series of which history is kept',
    fallback: 2_000,
    min: 0,
    max: 1_000_000,
  }),
  historyFlushMs: integer({
    env: 'ISOTHERM_HISTORY_FLUSH_MS',
    about: 'time between two writes of history; what is newer is lost by a crash, in milliseconds',
    fallback: 10_000,
    min: 100,
    max: 600_000,
  }),
  metricsListen,
};

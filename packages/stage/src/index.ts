export * from './engine-choice.ts';
export * from './keep-for-peers.ts';
export * from './levers.ts';
export * from './serve-stage.ts';
export * from './stage-cache.ts';
export * from './stage-definition.ts';
export * from './stage-host.ts';
export * from './stage-settings.ts';

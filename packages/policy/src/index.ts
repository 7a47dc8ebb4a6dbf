export * from './preempt/choose-preempted.ts';
export * from './route/contract.ts';
export * from './route/default-policy.ts';
export * from './route/load/stage-tokens.ts';
export * from './route/select-instance.ts';

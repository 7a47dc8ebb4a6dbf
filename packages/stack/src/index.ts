export * from './local-stack.ts';
export * from './service-process.ts';

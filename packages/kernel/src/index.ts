export * from './assert.ts';
export * from './clock.ts';
export * from './deferred.ts';
export * from './fault.ts';
export * from './ids.ts';
export * from './net-changes.ts';
export * from './random.ts';

// Tests run on the build (dist/**/*.test.js): what is tested is what ships, worker threads resolve their files as in
// production, and no transform is needed. `npm test` builds first. The tools are plain modules and have no build.
export default {
  testMatch: [
    '<rootDir>/{packages,services,proto,test,bench}/**/dist/**/*.test.js',
    '<rootDir>/tools/**/*.test.mjs',
  ],
  transform: {},
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/out/'],
  testTimeout: 90_000,
  maxWorkers: 2,
};

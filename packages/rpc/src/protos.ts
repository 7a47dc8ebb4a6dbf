import * as grpc from '@grpc/grpc-js';
import * as protoLoader from '@grpc/proto-loader';
import { loaderOptions, protoFiles, protoRoot, type IsothermProtos } from '@isotherm/proto';
import { protoPath as healthProtoPath } from 'grpc-health-check';
import { withMapEntryNames } from './map-entry-names.ts';

/** All contracts, parsed once a process (about 30 ms). */
const packageDefinition = protoLoader.loadSync([...protoFiles], {
  ...loaderOptions,
  includeDirs: [protoRoot],
});

const healthFile = 'health/v1/health.proto';
const healthRoot = healthProtoPath.slice(0, -healthFile.length);

/**
 * Definitions for reflection, with field names as the .proto files have them (`instance_id`): foreign clients read it.
 * The standard health service is among them.
 */
export const loadForReflection = (): protoLoader.PackageDefinition =>
  withMapEntryNames(
    protoLoader.loadSync([...protoFiles, healthFile], {
      ...loaderOptions,
      includeDirs: [protoRoot, healthRoot],
      keepCase: true,
    }),
  );

/** Client constructors and service definitions, typed by the generated code. */
export const protos = grpc.loadPackageDefinition(packageDefinition) as unknown as IsothermProtos;

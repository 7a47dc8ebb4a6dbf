import * as grpc from '@grpc/grpc-js';
import * as protoLoader from '@grpc/proto-loader';
import { loaderOptions, protoFiles, protoRoot, type IsothermProtos } from '@isotherm/proto';

/** All contracts, parsed once a process (about 30 ms). */
const packageDefinition = protoLoader.loadSync([...protoFiles], {
  ...loaderOptions,
  includeDirs: [protoRoot],
});

/** Definitions for reflection, with field names as the .proto files have them (`instance_id`): foreign clients read it. */
export const loadForReflection = (): protoLoader.PackageDefinition =>
  protoLoader.loadSync([...protoFiles], {
    ...loaderOptions,
    includeDirs: [protoRoot],
    keepCase: true,
  });

/** Client constructors and service definitions, typed by the generated code. */
export const protos = grpc.loadPackageDefinition(packageDefinition) as unknown as IsothermProtos;

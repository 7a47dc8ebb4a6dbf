import type {
  handleServerStreamingCall,
  handleUnaryCall,
  UntypedHandleCall,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { Fault } from '@isotherm/kernel';
import { invalidText, requestTypeOf } from './invalid-text.ts';
import type { ServedService } from './server.ts';
import { statusOf } from './status.ts';

/**
 * A service whose requests hold text of clients. protobufjs puts U+FFFD where bytes are not UTF-8 and says nothing, so a
 * client would be answered to what it has not said. Here the bytes of every string are checked, and a call with a wrong one
 * is refused at its field. For unary and server-streaming methods.
 */
export const withCheckedText = ({ definition, implementation }: ServedService): ServedService => {
  /** A deserializer can refuse only as `internal`: what it finds is said by the handler. */
  const found = new WeakMap<object, Fault>();
  const checkedDefinition = Object.entries(definition).map(([name, method]) => {
    const type = requestTypeOf(method.path);
    const requestDeserialize = (bytes: Buffer): object => {
      const request = method.requestDeserialize(bytes) as object;
      const field = invalidText(type, bytes);
      if (field !== undefined) found.set(request, notUtf8(field));
      return request;
    };
    return [name, { ...method, requestDeserialize }];
  });
  const checkedHandlers = Object.entries(implementation).map(([name, handler]) => [
    name,
    definition[name]?.responseStream === true
      ? streamUnless(found, handler as handleServerStreamingCall<object, unknown>)
      : answerUnless(found, handler as handleUnaryCall<object, unknown>),
  ]);
  return {
    definition: Object.fromEntries(checkedDefinition) as ServedService['definition'],
    implementation: Object.fromEntries(checkedHandlers) as UntypedServiceImplementation,
  };
};

const notUtf8 = (param: string): Fault =>
  new Fault('invalid_argument', `${param} must be UTF-8; some of its bytes are not.`, { param });

const answerUnless =
  (
    found: WeakMap<object, Fault>,
    handle: handleUnaryCall<object, unknown>,
  ): handleUnaryCall<object, unknown> =>
  (call, callback) => {
    const fault = found.get(call.request);
    if (fault === undefined) handle(call, callback);
    else callback(statusOf(fault));
  };

const streamUnless =
  (
    found: WeakMap<object, Fault>,
    handle: handleServerStreamingCall<object, unknown>,
  ): UntypedHandleCall =>
  (call: Parameters<typeof handle>[0]) => {
    const fault = found.get(call.request);
    if (fault === undefined) handle(call);
    else call.emit('error', statusOf(fault));
  };

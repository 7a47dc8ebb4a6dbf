import type { ChannelOptions } from '@grpc/grpc-js';

const mebibyte = 1 << 20;

/**
 * Options that both ends of every connection share. The wide flow-control window matters: streams of 1 MiB chunks
 * ran at 383 MB/s with the default one and 987 MB/s with 8 MiB.
 */
export const channelOptions: ChannelOptions = {
  'grpc-node.flow_control_window': 8 * mebibyte,
  'grpc.max_receive_message_length': 64 * mebibyte,
  'grpc.max_send_message_length': 64 * mebibyte,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.keepalive_permit_without_calls': 1,
};

/** A WAV file of one channel of float samples; `saysBytes` is what its header says of them. */
export const floatWav = (samples: Float32Array, saysBytes = samples.byteLength): Buffer => {
  const header = Buffer.alloc(44);
  header.write('RIFF\0\0\0\0WAVEfmt ', 0, 'latin1');
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(3, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(16_000, 24);
  header.writeUInt32LE(64_000, 28);
  header.writeUInt16LE(4, 32);
  header.writeUInt16LE(32, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(saysBytes, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer)]);
};

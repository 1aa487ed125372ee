// The two messages of grpc.health.v1 that a probe exchanges, in protobuf and in a gRPC frame. Pure.

/** HealthCheckResponse.ServingStatus */
export const servingStatuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

/** A frame: one byte that says whether it is compressed, four of length, the message. */
const frameHeadBytes = 5;

/** HealthCheckRequest { string service = 1; }, framed. */
export function healthCheckRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const message =
    name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
  const head = Buffer.alloc(frameHeadBytes);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** HealthCheckResponse { ServingStatus status = 1; }, framed: its status, or what is wrong with it. */
export function servingStatusIn(body: Buffer): { status: number } | { wrong: string } {
  if (body.length < frameHeadBytes) return { wrong: 'unexpected EOF' };
  if (body[0] !== 0) return { wrong: 'grpc: compressed flag set with identity or empty encoding' };
  const end = frameHeadBytes + body.readUInt32BE(1);
  if (body.length < end) return { wrong: 'unexpected EOF' };
  const status = statusField(body.subarray(frameHeadBytes, end));
  return status === undefined
    ? {
        wrong: 'grpc: failed to unmarshal the received message: proto: cannot parse invalid wire-format data',
      }
    : { status };
}

/** Field 1, the last if there are several, 0 if there is none; other fields are skipped. Undefined: no protobuf. */
function statusField(message: Buffer): number | undefined {
  let status = 0;
  for (let at = 0; at < message.length; ) {
    const tag = readVarint(message, at);
    if (!tag || tag.value >>> 3 === 0) return undefined;
    const wireType = tag.value & 7;
    const end = endOfValue(message, tag.end, wireType);
    if (end === undefined || end > message.length) return undefined;
    if (tag.value === 0x08) status = readVarint(message, tag.end)?.value ?? 0;
    at = end;
  }
  return status;
}

/** Where the value of this wire type that begins at `at` ends; groups are no longer written by anybody. */
function endOfValue(message: Buffer, at: number, wireType: number): number | undefined {
  if (wireType === 0) return readVarint(message, at)?.end;
  if (wireType === 1) return at + 8;
  if (wireType === 5) return at + 4;
  if (wireType !== 2) return undefined;
  const length = readVarint(message, at);
  return length && length.end + (length.value >>> 0);
}

/** The low 32 bits, as an enum is read; ten bytes at most. */
function readVarint(message: Buffer, at: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let index = 0; index < 10; index += 1) {
    const byte = message[at + index];
    if (byte === undefined) return undefined;
    if (index < 5) value |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  return undefined;
}

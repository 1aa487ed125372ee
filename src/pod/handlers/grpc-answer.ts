// What came back from a health check over HTTP/2 -> the service's status, or the error that grpc-go would make of it
// (internal/transport http2_client operateHeaders, status). Pure.
import { servingStatusIn } from './health-message.ts';

export type GrpcAnswer = {
  /** Headers, and trailers over them: undefined if none came. */
  headers: Record<string, string | string[] | number | undefined> | undefined;
  body: Buffer;
  /** More came than a health check's answer can have. */
  tooLong: boolean;
  /** HTTP/2 error code that the stream ended with; undefined: the connection was lost. */
  endedWith: number | undefined;
};

export type GrpcError = { code: number; message: string };

export const codes = { DeadlineExceeded: 4, Unimplemented: 12 } as const;

/** Named by number (google.golang.org/grpc/codes). */
const codeNames = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
];

const codeNamed = (name: string): number => codeNames.indexOf(name);

export const grpcErrorText = ({ code, message }: GrpcError): string =>
  `rpc error: code = ${codeNames[code] ?? `Code(${code})`} desc = ${message}`;

/** HTTPStatusConvTab */
const codeOfHttpStatus: Record<number, string> = {
  400: 'Internal',
  401: 'Unauthenticated',
  403: 'PermissionDenied',
  404: 'Unimplemented',
  429: 'Unavailable',
  502: 'Unavailable',
  503: 'Unavailable',
  504: 'Unavailable',
};

/** HTTP/2 error codes by number, as they are named in messages. */
const resetNames = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];

/** http2ErrConvTab: those that are not Internal. */
const codeOfReset: Record<string, string> = {
  REFUSED_STREAM: 'Unavailable',
  CANCEL: 'Canceled',
  ENHANCE_YOUR_CALM: 'ResourceExhausted',
  INADEQUATE_SECURITY: 'PermissionDenied',
};

export function grpcResult({
  headers,
  body,
  tooLong,
  endedWith,
}: GrpcAnswer): { status: number } | GrpcError {
  if (tooLong)
    return error('ResourceExhausted', `grpc: received message larger than max (${body.length} bytes so far)`);
  const notGrpc = headers && httpTrouble(headers);
  if (notGrpc) return notGrpc;
  const given = headers?.['grpc-status'];
  if (given === undefined) return unfinished(endedWith);
  if (!/^\d{1,10}$/.test(String(given)))
    return error('Unknown', `transport: malformed grpc-status: ${JSON.stringify(given)}`);
  const code = Number(given);
  if (code !== 0) return { code, message: decoded(String(headers?.['grpc-message'] ?? '')) };
  const read = servingStatusIn(body);
  return 'wrong' in read ? error('Internal', read.wrong) : read;
}

function unfinished(endedWith: number | undefined): GrpcError {
  if (endedWith === undefined) return error('Unavailable', 'error reading from server: EOF');
  if (endedWith === 0) return error('Internal', 'server closed the stream without sending trailers');
  const name = resetNames[endedWith] ?? `${endedWith}`;
  return error(codeOfReset[name] ?? 'Internal', `stream terminated by RST_STREAM with error code: ${name}`);
}

const error = (name: string, message: string): GrpcError => ({ code: codeNamed(name), message });

function httpTrouble(headers: NonNullable<GrpcAnswer['headers']>): GrpcError | undefined {
  const { ':status': status, 'content-type': type } = headers;
  if (/^application\/grpc($|[;+])/i.test(String(type))) return undefined;
  const unexpected = `unexpected HTTP status code received from server: ${status}`;
  const content = type === undefined ? 'malformed header: missing HTTP content-type' : undefined;
  return error(
    codeOfHttpStatus[Number(status)] ?? 'Unknown',
    `${unexpected}; ${content ?? `transport: received unexpected content-type ${JSON.stringify(type)}`}`,
  );
}

/** decodeGrpcMessage: percent-encoded UTF-8; what is not stays as it is. */
function decoded(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}

// What went wrong on a connection, in the words of Go's net and net/http: those people know from the kubelet. Pure.

/** What Node says of a system call, a look-up, a TLS alert or an HTTP message that cannot be parsed. */
type NetworkError = NodeJS.ErrnoException & {
  hostname?: string;
  address?: string;
  port?: number;
  reason?: string;
  rawPacket?: Uint8Array;
};

/** syscall.Errno */
const errnoWords: Record<string, string> = {
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'cannot assign requested address',
  ECONNABORTED: 'software caused connection abort',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  EHOSTDOWN: 'host is down',
  EHOSTUNREACH: 'no route to host',
  EINVAL: 'invalid argument',
  EMFILE: 'too many open files',
  ENETUNREACH: 'network is unreachable',
  ENFILE: 'too many open files in system',
  EPERM: 'operation not permitted',
  EPIPE: 'broken pipe',
  ETIMEDOUT: 'connection timed out',
};

export const plainHttpWords = 'http: server gave HTTP response to HTTPS client';

/** Most of a header that is read; Go reads 10 MiB, more than a Pod's thread should hold. */
export const headerBytesMax = 256 * 1024;

/** The local port of net.OpError is left out: it would make each message another one. */
export function networkError(error: Error, address: string): string {
  // Of a name with several addresses, all of which failed.
  if (error instanceof AggregateError && error.errors[0] instanceof Error)
    return networkError(error.errors[0], address);
  const { code = '', syscall, hostname, message } = error as NetworkError;
  if (syscall === 'getaddrinfo') return `dial tcp: lookup ${hostname}: ${lookupWords(code)}`;
  if (syscall !== undefined) {
    const words = errnoWords[code] ?? code;
    return `${syscall === 'connect' ? 'dial' : syscall} tcp ${address}: ${syscall}: ${words}`;
  }
  if (code === 'ECONNRESET') return 'EOF';
  if (code.startsWith('ERR_SSL_')) return tlsWords(error);
  if (code.startsWith('HPE_')) return malformedWords(error);
  return message;
}

const lookupWords = (code: string): string =>
  code === 'ENOTFOUND' ? 'no such host' : code === 'EAI_AGAIN' ? 'server misbehaving' : code;

/** What is no TLS record is taken for HTTP: it was an HTTP server all but always, and OpenSSL does not show it. */
function tlsWords({ code, reason = '' }: NetworkError): string {
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER') return plainHttpWords;
  const alert = /\balert (.+)$/.exec(reason)?.[1];
  return alert ? `remote error: tls: ${alert}` : `tls: ${reason}`;
}

function malformedWords({ code, reason, message, rawPacket }: NetworkError): string {
  if (code === 'HPE_HEADER_OVERFLOW')
    return `net/http: server response headers exceeded ${headerBytesMax} bytes; aborted`;
  const broken = 'net/http: HTTP/1.x transport connection broken';
  if (code !== 'HPE_INVALID_CONSTANT' || !rawPacket) return `${broken}: ${reason ?? message}`;
  const line = Buffer.from(rawPacket).toString('utf8', 0, 100).split(/\r?\n/)[0];
  return `${broken}: malformed HTTP response ${JSON.stringify(line)}`;
}

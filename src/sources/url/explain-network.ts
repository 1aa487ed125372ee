// Errors of the network and of TLS as a person reads them, with what to do. Pure.

const byCode: Record<string, string> = {
  ECONNREFUSED: 'the connection is refused: nothing listens there',
  ENOTFOUND: "the host's name cannot be resolved",
  EAI_AGAIN: "the host's name cannot be resolved now: the DNS does not answer",
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to its network',
  ETIMEDOUT: 'the connection is not answered',
  ECONNRESET: 'the connection broke off before the answer was complete',
  EPIPE: 'the connection broke off before the answer was complete',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'its certificate is self-signed: give it as --manifest-url-ca-file to trust it',
  SELF_SIGNED_CERT_IN_CHAIN:
    'its certificate is by an authority that is not trusted: give that as --manifest-url-ca-file to trust it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is by an authority that is not trusted: give that as --manifest-url-ca-file to trust it',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its certificate is by an authority that is not trusted: give that as --manifest-url-ca-file to trust it',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    'it wants a client certificate: give --manifest-url-client-cert-file and --manifest-url-client-key-file',
  HPE_HEADER_OVERFLOW: 'the headers of its answer are too large',
};

/** What is ours has no code. */
export function explainNetwork(error: unknown): string {
  const {
    code,
    message = 'unknown error',
    statusCode,
  } = error as NodeJS.ErrnoException & {
    statusCode?: number;
  };
  if (code === 'ERR_PROXY_TUNNEL')
    return statusCode === undefined
      ? 'the proxy makes no connection to it'
      : `the proxy makes no connection to it: it answers ${statusCode}`;
  if (code?.startsWith('HPE_') && byCode[code] === undefined) return 'its answer is no proper HTTP';
  return (code && byCode[code]) || (code && !message.includes(code) ? `${message} (${code})` : message);
}

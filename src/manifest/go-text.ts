// Bytes -> text as Go reads them: each byte that is no UTF-8 is a replacement character of its own (utf8.DecodeRune),
// where a TextDecoder makes one of several. Pure.

export function goText(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return text.includes('\ufffd') ? bytewise(bytes) : text;
}

function bytewise(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const pieces: string[] = [];
  let from = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = lengthAt(bytes, at);
    if (length > 0) at += length;
    else {
      if (at > from) pieces.push(decoder.decode(bytes.subarray(from, at)));
      pieces.push('\ufffd');
      from = ++at;
    }
  }
  pieces.push(decoder.decode(bytes.subarray(from)));
  return pieces.join('');
}

/** Of the character at `at`; 0: there is none. */
function lengthAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number;
  if (lead < 0x80) return 1;
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  for (let ahead = 1; ahead < length; ahead++) {
    const low = ahead > 1 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = ahead > 1 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    const next = bytes[at + ahead] ?? 0;
    if (next < low || next > high) return 0;
  }
  return length;
}

// YAML text -> where each of its documents begins and ends, by the markers `---` and `...` at the beginning of a line:
// nothing within a document can look like them. Documents without content are left out. Pure, linear.

export type Range = { begin: number; end: number };

export function documentRanges(text: string): Range[] {
  const ranges: Range[] = [];
  let begin = 0;
  /** Its `---` has been seen: what comes before that may only be comments and directives. */
  let opened = false;
  const close = (end: number) => {
    if (hasContent(text, begin, end)) ranges.push({ begin, end });
    begin = end;
  };
  for (const { 0: marker, index } of text.matchAll(/^(?:---|\.\.\.)(?=[ \t\r\n\x85\u2028\u2029]|$)/gm)) {
    if (marker === '...') {
      close(index + marker.length);
      opened = false;
    } else {
      if (opened || hasContent(text, begin, index)) close(index);
      opened = true;
    }
  }
  close(text.length);
  return ranges;
}

const emptyLine = /^\ufeff?(?:%.*|(?:---(?=\s|$))?\s*(?:#.*)?)$/;

/** Else there are only blank lines, comments, directives and the marker itself. */
const hasContent = (text: string, begin: number, end: number): boolean =>
  text
    .slice(begin, end)
    .split(/[\r\n]+/)
    .some((line) => !emptyLine.test(line));

// Verdicts on standard output as they come: for a person with a summary below, for a program as one list.
import { styleText } from 'node:util';
import { count, describeVerdict, type Paint, reportVerdict } from '../manifest/render-verdict.ts';
import { severityOf } from '../manifest/static-pod.ts';
import { printable } from '../telemetry/printable.ts';
import type { Judged } from './judge-manifests.ts';
import type { ManifestFile } from './manifest-files.ts';
import type { TextFormat } from './print-document.ts';

type Ignored = Extract<ManifestFile, { kind: 'ignored' }>;

export type VerdictOutput = {
  judged(judged: Judged): void;
  ignored(ignored: Ignored): void;
  end(): void;
};

type Write = (text: string) => unknown;
type Streams = { out: Write; err: Write; paint?: Paint };

const plain: Paint = (_as, text) => text;

const noteOf = ({ file, reason }: Ignored, paint: Paint) =>
  `${printable(file)}: ${paint('note', 'note')}: ${printable(reason)}\n`;

export function verdictText({ out, err, paint = plain }: Streams): VerdictOutput {
  const seen = { manifest: 0, accepted: 0, rejected: 0, warning: 0, ignored: 0 };
  return {
    judged({ file, bytes, verdict }) {
      seen.manifest += 1;
      seen[verdict.accepted ? 'accepted' : 'rejected'] += 1;
      seen.warning += verdict.warnings.filter((warning) => severityOf(warning) === 'warning').length;
      out(describeVerdict(file, bytes, verdict, paint));
    },
    ignored(ignored) {
      seen.ignored += 1;
      out(noteOf(ignored, paint));
    },
    end() {
      const { manifest, accepted, rejected, warning, ignored } = seen;
      if (manifest === 0) err('there is no manifest in what was given\n');
      if (manifest < 2) return;
      const parts = [
        accepted > 0 ? paint('accepted', `${accepted} accepted`) : '',
        rejected > 0 ? paint('error', `${rejected} rejected`) : '',
        count(warning, 'warning'),
        ignored > 0 ? `${count(ignored, 'other file')} ignored` : '',
      ];
      out(`\n${count(manifest, 'manifest')}: ${parts.filter(Boolean).join(', ')}\n`);
    },
  };
}

/** What is ignored has no verdict, and is told beside the list. */
export async function verdictList({ out, err }: Streams, format: TextFormat): Promise<VerdictOutput> {
  const write = format === 'json' ? jsonItems(out) : await yamlItems(out);
  return {
    judged: ({ file, verdict }) => write.item(reportVerdict(file, verdict)),
    ignored: (ignored) => err(noteOf(ignored, plain)),
    end: () => write.end(),
  };
}

type Items = { item(value: unknown): void; end(): void };

function jsonItems(out: Write): Items {
  let before = '[';
  return {
    item(value) {
      out(`${before}\n    ${JSON.stringify(value, undefined, 4).replaceAll('\n', '\n    ')}`);
      before = ',';
    },
    end: () => void out(before === '[' ? '[]\n' : '\n]\n'),
  };
}

async function yamlItems(out: Write): Promise<Items> {
  const { yamlText } = await import('./yaml-text.ts');
  let any = false;
  return {
    item(value) {
      any = true;
      out(yamlText([value]));
    },
    end: () => void (any || out('[]\n')),
  };
}

const styles = {
  error: ['bold', 'red'],
  warning: ['bold', 'yellow'],
  note: ['bold', 'cyan'],
  accepted: ['green'],
  mark: ['bold', 'green'],
} as const;

/** For a terminal that knows colours, unless NO_COLOR is set. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  if (!stream.isTTY || process.env.NO_COLOR || process.env.TERM === 'dumb') return plain;
  return (as, text) => styleText([...styles[as]], text, { validateStream: false });
}

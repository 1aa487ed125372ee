// What an answer does to the last good set: it is taken as a whole or not at all. With one document at fault nothing of
// it is taken, and each entry says why. Pure.
import type { DocumentsVerdict, DocumentVerdict } from '../../manifest/decode-documents.ts';
import { type LastGood, reasonOf, type When } from '../last-good.ts';
import { originOf } from './public-url.ts';

/** Answers with why it was not taken, if it was not. */
export function takeAnswer(
  lastGood: LastGood,
  url: string,
  { hasDocuments, documents }: DocumentsVerdict,
  when: When,
): string | undefined {
  if (!hasDocuments) return 'its answer has no document (for no Pods: a PodList with items: [])';
  const told = new Map(documents.map((document) => [originOfDocument(url, document), document]));
  // A name that is there twice is at fault alone, as for the kubelet: the first has it.
  const atFault = documents.filter(({ verdict, duplicate }) => !verdict.accepted && !duplicate);
  const isTaken = atFault.length === 0;
  for (const origin of [...lastGood.origins()]) {
    if (told.has(origin)) continue;
    if (isTaken || !lastGood.get(origin)?.staticPod) lastGood.remove(origin);
    else lastGood.judge(origin, { kind: 'failed', reason: `not ${inAnswer}` }, when);
  }
  for (const [origin, { verdict }] of told) {
    const known = lastGood.get(origin)?.staticPod;
    const isNews = verdict.accepted && verdict.staticPod.uid !== known?.uid;
    const reason = `${known ? 'changed' : 'new'} ${inAnswer}`;
    if (!isTaken && isNews) lastGood.judge(origin, { kind: 'failed', reason }, when);
    else lastGood.judge(origin, { kind: 'decoded', verdict: named(verdict, origin) }, when);
  }
  const [first] = atFault;
  if (first === undefined) return undefined;
  const many = documents.length === 1 ? '' : `${atFault.length} of its ${documents.length} documents: `;
  return `its answer is not taken: ${many}${first.name ?? first.place}: ${reasonOf(first.verdict.errors)}`;
}

const inAnswer = 'in the newest answer, which is not taken because of an error in it';

const originOfDocument = (url: string, { name, place, duplicate }: DocumentVerdict): string =>
  originOf(url, name === undefined || duplicate ? place : name);

/** In the hash the URL alone stands for all of it: a document that moves stays itself. */
const named = (verdict: DocumentVerdict['verdict'], origin: string): DocumentVerdict['verdict'] =>
  verdict.accepted ? { ...verdict, staticPod: { ...verdict.staticPod, origin } } : verdict;

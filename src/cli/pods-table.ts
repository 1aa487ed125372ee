// Pods as kubectl's table: called once, or with -w again for each change, it gives the text to add. Pure.
import type { Pod } from '../kubernetes/pod.ts';
import { podColumns } from './pod-columns.ts';
import { Table } from './table.ts';

export type PodsTableOptions = {
  wide: boolean;
  /** Without the line of column names. */
  header: boolean;
  /** `auto`: a column for them once a Pod is not in the namespace `default`, where its name alone would not do. */
  namespaces: 'auto' | 'always' | 'never';
};

export function podsTable({
  wide,
  header,
  namespaces,
}: PodsTableOptions): (pods: Pod[], nowMs: number) => string {
  const table = new Table({ header });
  let withNamespaces = namespaces === 'always';
  return (pods, nowMs) => {
    if (namespaces === 'auto')
      withNamespaces ||= pods.some(({ metadata }) => metadata?.namespace !== 'default');
    const titles = [
      ...(withNamespaces ? ['NAMESPACE'] : []),
      ...['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE'],
      ...(wide ? ['IP', 'NODE', 'SOURCE'] : []),
    ];
    const rows = pods
      .map((pod) => podColumns(pod, nowMs))
      .map((columns) => [
        ...(withNamespaces ? [columns.namespace] : []),
        ...[columns.name, columns.ready, columns.status, columns.restarts, columns.age],
        ...(wide ? [columns.ip, columns.node, columns.source] : []),
      ]);
    return table.print(titles, rows);
  };
}

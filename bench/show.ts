import type { Figure, Section } from './figure.ts';

const HEAD = ['figure', 'bar', 'ours', 'comparison', ''] as const;

const verdict = ({ ok }: Figure): string => (ok === null ? '' : ok ? 'ok' : 'over');

const cells = (figure: Figure): readonly string[] => [
  figure.figure,
  figure.bar,
  figure.ours,
  figure.comparison,
  verdict(figure),
];

/** Sections as one table for the terminal, its columns as wide as the widest cell. */
export const asText = (sections: readonly Section[]): string => {
  const rows = sections.flatMap((section) => section.figures.map(cells));
  const widths = HEAD.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  const blocks = sections.map(({ title, figures }) => ['', title, ...figures.map((figure) => line(cells(figure)))]);
  return [line(HEAD), rule, ...blocks.flat()].join('\n');
};

const asMarkdown = ({ title, figures, notes }: Section): string => {
  const row = (each: readonly string[]) => `| ${each.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const table = [row(HEAD), row(HEAD.map(() => '---')), ...figures.map((figure) => row(cells(figure)))];
  return [`## ${title}`, '', ...table, '', ...notes.flatMap((note) => [note, ''])].join('\n');
};

/** What was measured, where and how. */
export interface Machine {
  readonly command: string;
  readonly date: string;
  readonly node: string;
  readonly cores: string;
  readonly engine: string;
}

/** The whole of docs/performance.md. */
export const asDocument = (sections: readonly Section[], { command, date, node, cores, engine }: Machine): string =>
  [
    '# Performance',
    '',
    'What the design promises in figures, measured. Every line is printed by one run of',
    '',
    '```',
    command,
    '```',
    '',
    `on ${date}: Node ${node}, ${cores}, engine ${engine}. With \`--write\` it writes this page; do not edit it by hand.`,
    '',
    '`ok` and `over` are against the bar; lines without a bar are told for completeness. Counted lines are the same in every run and fail the bench when they are over; times are ratios within one run, on a machine that does other things too, and only say so.',
    '',
    ...sections.map(asMarkdown),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');

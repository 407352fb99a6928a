/** A text of one file, which is there exactly once, and what is put in its place. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

/** A mistake somebody could have made, or has: planted in a copy of the project to see whether the simulation finds it. */
export interface Defect {
  readonly name: string;
  /** The failure it brings, with who had it, or the reason in the design that it goes against. */
  readonly story: string;
  readonly edits: readonly Edit[];
}

/** Puts a defect's texts into a file of the project; throws where one of them is not there exactly once. */
export const planted = (text: string, edits: readonly Edit[]): string =>
  edits.reduce((told, { file, find, put }) => {
    const times = told.split(find).length - 1;
    if (times !== 1) throw new Error(`${file} has ${times} times, not once: ${find}`);
    return told.replace(find, () => put);
  }, text);

export const editsByFile = (edits: readonly Edit[]): ReadonlyMap<string, readonly Edit[]> => {
  const byFile = new Map<string, readonly Edit[]>();
  for (const edit of edits) byFile.set(edit.file, [...(byFile.get(edit.file) ?? []), edit]);
  return byFile;
};

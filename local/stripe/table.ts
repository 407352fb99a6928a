/** Rows by id, in the order in which they came. A row is a value: a change puts another in its place. */
export interface Table<Row extends { readonly id: string }> {
  readonly get: (id: string) => Row | undefined;
  /** Oldest first. */
  readonly all: () => readonly Row[];
  readonly put: (row: Row) => Row;
}

/** What has been put since the transaction began, and how to take it back. */
export type Changes = { readonly table: string; readonly row: object; readonly undo: () => void }[];

/** Of rows with the same id the later one counts. */
export const createTable = <Row extends { readonly id: string }>(
  table: string,
  rows: readonly Row[],
  changes: Changes,
): Table<Row> => {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return {
    get: (id) => byId.get(id),
    all: () => [...byId.values()],
    put: (row) => {
      const before = byId.get(row.id);
      const undo = () => (before === undefined ? byId.delete(row.id) : byId.set(row.id, before));
      changes.push({ table, row, undo });
      byId.set(row.id, row);
      return row;
    },
  };
};

import { type ReactNode, useState } from "react";

export interface Column<Row> {
  head: string;
  cell: (row: Row) => ReactNode;
  /** Left out where there is little room. */
  side?: boolean;
}

interface Props<Row> {
  /** What the table is about, for those who listen. */
  caption: string;
  /** The first names the row; all others are figures. */
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** How many rows are shown before somebody asks for all. */
  shown?: number;
  /** How many there are, of which the rows are the first. */
  total?: number;
  /** Brings the others. */
  want?: () => void;
}

/** Figures in rows, the first few at once. */
export function Table<Row>({ caption, columns, rows, keyOf, shown = 6, total = rows.length, want }: Props<Row>) {
  const [all, setAll] = useState(false);
  const beyond = total - rows.length;
  const turn = () => {
    setAll(!all);
    if (beyond > 0) want?.();
  };
  return (
    <>
      <table className="figures">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ head, side }) => (
              <th key={head} scope="col" className={side ? "max-sm:hidden" : ""}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, all ? undefined : shown).map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ head, cell, side }, i) =>
                i === 0 ? (
                  <th key={head} scope="row">
                    {cell(row)}
                  </th>
                ) : (
                  <td key={head} className={side ? "max-sm:hidden" : ""}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {total > shown && (
        <p className="flex items-center gap-2 text-12 text-ink-3">
          <button type="button" className="control -ml-2.5" aria-expanded={all} onClick={turn}>
            {all ? "Show fewer" : `Show all ${total}`}
          </button>
          {all && beyond > 0 && `${beyond} more`}
        </p>
      )}
    </>
  );
}

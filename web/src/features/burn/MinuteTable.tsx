import { CLASSES } from "../../lib/classes";
import { time, tokensExact } from "../../lib/format";
import type { Bin } from "./series";

/** The same minutes as a table, newest first; minutes without tokens are left out. */
export function MinuteTable({ bins }: { bins: readonly Bin[] }) {
  const rows = bins.filter((bin) => bin.tokens.total > 0).reverse();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section tabIndex={0} aria-label="Tokens by minute" className="h-[140px] flex-none overflow-auto">
      <table className="table-twin">
        <thead>
          <tr>
            <th scope="col">Minute</th>
            {CLASSES.map(({ key, name }) => (
              <th key={key} scope="col">
                {name}
              </th>
            ))}
            <th scope="col">Total</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((bin) => (
            <tr key={bin.at}>
              <th scope="row" className="!static font-normal">
                {time(bin.at)}
              </th>
              {CLASSES.map(({ key }) => (
                <td key={key}>{tokensExact(bin.tokens[key])}</td>
              ))}
              <td>{tokensExact(bin.tokens.total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p className="py-2 text-12 text-ink-3">No tokens in the last hour.</p>}
    </section>
  );
}

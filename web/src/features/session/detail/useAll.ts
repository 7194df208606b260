/** The whole of a list of which the report has the first entries: asked for when somebody wants it, and whenever the report is renewed. */
import { useEffect, useState } from "react";
import { ask } from "../../../api/rest";
import { complain } from "../../../state/toasts";

/** As many as one answer holds. */
const MOST = 500;

interface All<List> {
  /** Null until it was asked for. */
  list: List | null;
  want: () => void;
}

export function useAll<List>(path: string, renewed: unknown): All<List> {
  const [list, setList] = useState<List | null>(null);
  const [wanted, setWanted] = useState(false);
  useEffect(() => {
    if (!wanted) return;
    ask<List>("GET", `${path}?limit=${MOST}`).then(setList, (trouble) => {
      complain(path, trouble);
      setWanted(false);
    });
  }, [path, wanted, renewed]);
  return { list, want: () => setWanted(true) };
}

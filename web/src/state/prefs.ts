/** What this browser was told to like. Kept in localStorage; a browser that refuses only forgets. */
import { create } from "zustand";

export type Theme = "dark" | "light" | "system";

export interface Prefs {
  theme: Theme;
  /** Single letters work as shortcuts. */
  shortcuts: boolean;
  /** The chart leaves out what was read from the cache. */
  fresh: boolean;
}

const KEY = "moonlock.prefs";
const THEMES: readonly Theme[] = ["dark", "light", "system"];
const DEFAULTS: Prefs = { theme: "dark", shortcuts: true, fresh: false };

function kept(): Prefs {
  try {
    const found = { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Prefs>) };
    return THEMES.includes(found.theme) ? found : DEFAULTS;
  } catch {
    return DEFAULTS;
  }
}

export const usePrefs = create<Prefs>(() => kept());

export function prefer(news: Partial<Prefs>): void {
  usePrefs.setState(news);
  try {
    localStorage.setItem(KEY, JSON.stringify(usePrefs.getState()));
  } catch {
    // a browser that keeps nothing still has this page until it is closed
  }
}

export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "dark";
}

/** Puts the theme on the document, now and whenever it or the system's changes. */
export function wearTheme(): void {
  const system = matchMedia("(prefers-color-scheme: light)");
  const wear = () => {
    const { theme } = usePrefs.getState();
    document.documentElement.dataset.theme = theme === "system" ? (system.matches ? "light" : "dark") : theme;
  };
  usePrefs.subscribe(wear);
  system.addEventListener("change", wear);
  wear();
}

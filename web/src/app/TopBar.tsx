import { CircleQuestionMark, Monitor, Moon, Pause, Play, Sun } from "lucide-react";
import { Mark } from "../components/Mark";
import { togglePause, useLive } from "../state/live";
import { nextTheme, prefer, type Theme, usePrefs } from "../state/prefs";

const THEMES = { dark: Moon, light: Sun, system: Monitor } as const;

export function TopBar({ help }: { help: () => void }) {
  return (
    <div className="mx-auto flex h-12 max-w-[1600px] items-center gap-1 px-4 md:px-6">
      <a href="/" className="flex h-11 items-center gap-2.5 rounded-md font-semibold text-16 tracking-[-0.01em]">
        <Mark size={22} />
        Moonlock
      </a>
      <span className="flex-1" />
      <PauseSwitch />
      <ThemeSwitch />
      <button
        type="button"
        className="control control-icon"
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
        onClick={help}
      >
        <CircleQuestionMark size={20} strokeWidth={1.75} aria-hidden="true" />
      </button>
    </div>
  );
}

function PauseSwitch() {
  const paused = useLive((state) => state.paused);
  const Icon = paused ? Play : Pause;
  const words = paused ? "Go on drawing" : "Pause drawing";
  return (
    <button
      type="button"
      className="control control-icon"
      aria-label={words}
      aria-pressed={paused}
      title={`${words} (p)`}
      onClick={togglePause}
    >
      <Icon size={20} strokeWidth={1.75} aria-hidden="true" />
    </button>
  );
}

export const switchTheme = (theme: Theme) => prefer({ theme: nextTheme(theme) });

function ThemeSwitch() {
  const theme = usePrefs((prefs) => prefs.theme);
  const Icon = THEMES[theme];
  return (
    <button
      type="button"
      className="control control-icon"
      aria-label={`Theme: ${theme}. Switch to ${nextTheme(theme)}`}
      title={`Theme: ${theme} (d)`}
      onClick={() => switchTheme(theme)}
    >
      <Icon size={20} strokeWidth={1.75} aria-hidden="true" />
    </button>
  );
}

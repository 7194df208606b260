/** For the developer's eyes only (`npm run dev`, then /gallery.html?state=live&theme=dark): no part of the build. */
import { createRoot } from "react-dom/client";
import { Fake } from "../api/fake";
import { App } from "../app/App";
import { togglePause } from "../state/live";
import { prefer, type Theme, wearTheme } from "../state/prefs";
import "../styles/index.css";
import { sessionsAt, tokensFrame } from "./sample";
import { STATES } from "./states";

const asked = new URLSearchParams(location.search);
const shown = STATES[asked.get("state") ?? "live"]?.(Date.now());
const fake = new Fake();
prefer({ theme: (asked.get("theme") ?? "dark") as Theme });
wearTheme();
sessionStorage.clear();
createRoot(document.getElementById("root") as HTMLElement).render(<App transport={fake} />);

setTimeout(() => {
  fake.link(shown?.link ?? {});
  if (shown?.hello) fake.say(shown.hello);
  const first = sessionsAt(Date.now())[2];
  if (asked.get("state") === "live" && first) fake.say(tokensFrame(Date.now(), 101, first));
  if (shown?.paused) togglePause();
}, 50);

import { useEffect, useState } from "react";
import type { Transport } from "../api/transport";
import { later } from "../components/later";
import { Guard } from "../components/Panel";
import { PageToasts } from "../components/Toasts";
import { useCalls } from "../features/alerts/useCalls";
import { Banners, SimulationBanner } from "../features/connection/Banners";
import { NotAllowed } from "../features/connection/NotAllowed";
import { Hands } from "../features/hand/Hands";
import { listenForKeys, useKey } from "../lib/keys";
import { listen, togglePause, useLive } from "../state/live";
import { recall, remember } from "../state/memory";
import { closeSession, followAddress, useOpened } from "../state/opened";
import { usePrefs } from "../state/prefs";
import { Announcer } from "./Announcer";
import { Help } from "./Help";
import { Now } from "./Now";
import { Strip } from "./Strip";
import { switchTheme, TopBar } from "./TopBar";
import { useTitle } from "./useTitle";

const Details = later("Session", () => import("../features/session/detail/Details"));

export function App({ transport }: { transport: Transport }) {
  const [help, setHelp] = useState(false);
  const opened = useOpened(({ id }) => id);
  const refusal = useLive((state) => state.link.refusal);
  useListening(transport);
  useEffect(followAddress, []);
  useTitle();
  useCalls();
  useKey("?", () => setHelp(true));
  useKey("p", togglePause);
  useKey("d", () => switchTheme(usePrefs.getState().theme));
  if (refusal) return <NotAllowed refusal={refusal} retry={() => transport.retry()} />;
  return (
    <>
      <a href="#main" className="skip">
        Skip to the sessions
      </a>
      <header className="sticky top-0 z-20 bg-bg">
        <SimulationBanner />
        <TopBar help={() => setHelp(true)} />
        <div className="border-line border-y bg-bg">
          <Guard>
            <Strip />
          </Guard>
        </div>
      </header>
      <main id="main" tabIndex={-1} className="mx-auto grid max-w-[1600px] gap-4 px-4 py-4 outline-none md:px-6">
        <h1 className="sr-only">Now</h1>
        <Banners retry={() => transport.retry()} />
        <Guard>
          <Hands />
        </Guard>
        <Now />
      </main>
      <Announcer />
      <PageToasts />
      {opened && <Details key={opened} id={opened} close={closeSession} />}
      {help && <Help close={() => setHelp(false)} />}
    </>
  );
}

function useListening(transport: Transport): void {
  useEffect(() => {
    const unlisten = listen(transport, recall());
    const unkey = listenForKeys(() => usePrefs.getState().shortcuts);
    const leave = () => remember(useLive.getState().picture);
    addEventListener("pagehide", leave);
    return () => {
      removeEventListener("pagehide", leave);
      unkey();
      unlisten();
    };
  }, [transport]);
}

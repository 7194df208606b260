import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Socket } from "./api/socket";
import { App } from "./app/App";
import { wearTheme } from "./state/prefs";
import "./styles/index.css";

wearTheme();
const socket = new Socket(`${location.origin.replace(/^http/, "ws")}/ws`);
createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <App transport={socket} />
  </StrictMode>,
);

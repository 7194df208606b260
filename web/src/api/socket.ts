import type { Frame } from "./frames.gen";

const PAUSE = 1000;

/** Hands every frame to `receive`, and connects again when the server has gone; returns how to stop. */
export function connect(receive: (frame: Frame) => void): () => void {
  let socket: WebSocket | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  let over = false;
  const open = () => {
    socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws`);
    socket.onmessage = (message: MessageEvent<string>) => receive(JSON.parse(message.data) as Frame);
    socket.onclose = () => {
      if (!over) again = setTimeout(open, PAUSE);
    };
  };
  open();
  return () => {
    over = true;
    clearTimeout(again);
    socket?.close();
  };
}

import { create } from "zustand";
import type { Frame, Snapshot } from "../api/frames.gen";

export interface Picture {
  epoch: string;
  seq: number;
  snapshot: Snapshot | undefined;
}

export const EMPTY: Picture = { epoch: "", seq: 0, snapshot: undefined };

/** The picture after one frame; a frame that is in the picture already changes nothing. */
export function reduce(picture: Picture, frame: Frame): Picture {
  switch (frame.type) {
    case "hello":
      return { epoch: frame.epoch, seq: frame.seq, snapshot: frame.snapshot };
    case "update":
      return frame.seq <= picture.seq ? picture : { ...picture, seq: frame.seq, snapshot: frame.snapshot };
    case "alert":
      return frame.seq <= picture.seq ? picture : { ...picture, seq: frame.seq };
    default: {
      const never: never = frame;
      return never;
    }
  }
}

export const useLive = create<Picture & { receive: (frame: Frame) => void }>((set) => ({
  ...EMPTY,
  receive: (frame) => set((picture) => reduce(picture, frame)),
}));

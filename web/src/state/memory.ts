/** The last picture of this tab, so that a reload shows something old instead of nothing. */
import { BLANK, type Picture } from "./picture";

const KEY = "moonlock.picture";

export function recall(): Picture {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Partial<Picture> | null;
    return found?.snapshot ? { ...BLANK, ...found, epoch: "", seq: 0 } : BLANK;
  } catch {
    return BLANK;
  }
}

export function remember(picture: Picture): void {
  try {
    if (picture.snapshot) sessionStorage.setItem(KEY, JSON.stringify(picture));
  } catch {
    // no room, or not allowed: the next load begins blank
  }
}

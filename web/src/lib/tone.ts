/** The meanings that a colour may have. */
export type Tone = "ok" | "info" | "warn" | "danger" | "you" | "idle";

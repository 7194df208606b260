/** When to draw: in the next animation frame, at most ten times a second, and not at all while the tab is hidden. */

const SHORTEST = 100;
const SLOWED = 200;
const SLOW_FOR = 60_000;

export class Pace {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private frame = 0;
  private drawnAt = 0;
  private slowUntil = 0;
  private wanted = false;

  constructor(private readonly draw: () => void) {}

  want(): void {
    if (this.wanted) return;
    this.wanted = true;
    document.addEventListener("visibilitychange", this.plan);
    this.plan();
  }

  /** Draw half as often for a minute. */
  slow(): void {
    this.slowUntil = Date.now() + SLOW_FOR;
  }

  stop(): void {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    document.removeEventListener("visibilitychange", this.plan);
    this.wanted = false;
  }

  private plan = (): void => {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    if (document.visibilityState === "hidden") return;
    const rest = Date.now() < this.slowUntil ? SLOWED : SHORTEST;
    const wait = Math.min(rest, this.drawnAt + rest - Date.now()); // a clock that is set back must not stop drawing
    if (wait > 0) this.timer = setTimeout(this.request, wait);
    else this.request();
  };

  private request = (): void => {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      this.stop();
      this.drawnAt = Date.now();
      this.draw();
    });
  };
}

const MINUTE = 60_000;

/** The pulse as it is at `now`: minutes that have passed since it was told were silent, else it had been told again. */
export function shifted(pulse: readonly number[], toldAt: string | null, now: number): readonly number[] {
  const passed = toldAt === null ? 0 : Math.floor((now - Date.parse(toldAt)) / MINUTE);
  if (!(passed > 0)) return pulse;
  return [...pulse.slice(passed), ...Array<number>(Math.min(passed, pulse.length)).fill(0)];
}

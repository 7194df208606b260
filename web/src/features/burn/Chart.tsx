import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { options } from "./options";
import { type Bin, stacked } from "./series";

interface Props {
  bins: Bin[];
  fresh: boolean;
  /** Told which bin the pointer is on. */
  point: (index: number | null) => void;
}

const SHORTEST = 250;

/** The columns of the last hour, drawn at most four times a second. */
export default function Chart({ bins, fresh, point }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef({ at: 0, timer: 0 });
  const plot = useRef<uPlot | null>(null);
  const newest = useRef(bins);

  useEffect(() => {
    const target = box.current;
    if (!target) return;
    const build = () => {
      plot.current?.destroy();
      const size = { width: target.clientWidth, height: target.clientHeight };
      plot.current = new uPlot(
        options(size, fresh, point),
        stacked(newest.current, fresh) as uPlot.AlignedData,
        target,
      );
    };
    build();
    const themed = new MutationObserver(build);
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const sized = new ResizeObserver(() =>
      plot.current?.setSize({ width: target.clientWidth, height: target.clientHeight }),
    );
    sized.observe(target);
    return () => {
      themed.disconnect();
      sized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [fresh, point]);

  useEffect(() => {
    newest.current = bins;
    const last = drawn.current;
    window.clearTimeout(last.timer);
    const draw = () => {
      last.at = Date.now();
      plot.current?.setData(stacked(newest.current, fresh) as uPlot.AlignedData);
    };
    last.timer = window.setTimeout(draw, Math.min(SHORTEST, Math.max(0, last.at + SHORTEST - Date.now())));
    return () => window.clearTimeout(last.timer);
  }, [bins, fresh]);

  return <div ref={box} className="absolute inset-0" />;
}
